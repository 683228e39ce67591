"""Copies of public registers as files, and what documents say compared with them.

A copy is read as its publisher gives it (``reading``), an organisation is found in it
(``matching``) and a claim compared (``comparing``). Nothing is ever fetched; what a copy confirms
is confirmed of its day alone, so every result carries the copy's day and digest (REG-01).
"""
