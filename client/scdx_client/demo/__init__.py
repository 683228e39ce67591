"""The demo: three suppliers and a buyer on one machine, driven by public commands alone.

What it shows of real products is published by their makers (``data/device-footprints.csv``, each
row with its source); everything that belongs to somebody called Example is invented.
"""
