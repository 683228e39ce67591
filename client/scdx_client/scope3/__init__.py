"""Scope 3 from a purchase ledger: every line gets one method, one factor, one source, or is a gap.

Data flows one way: ``ledger_file`` and ``factors`` read files, ``products`` and ``intensities``
turn documents into candidates, ``matching`` pairs them with what the ledger names, ``rates`` adds
exchange rates, ``calculate`` is the Ibis expression, ``results`` writes and sums, ``explain``
reads one line back. ``run`` ties them together; ``commands`` is the command line.
"""
