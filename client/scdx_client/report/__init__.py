"""Pages that a buyer opens in a browser: self-contained, without scripts or remote parts."""
