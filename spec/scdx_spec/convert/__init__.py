"""Other forms of the same data: PACT 2.x and 3, UNTP, tables of published footprints."""
