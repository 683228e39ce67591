"""The chaos supplier: a host that misbehaves on purpose, by seed, so that clients are tested too.

It is written from the standard alone. Between its faults it is a lawful SCDX server and PACT host
with valid, signed documents: whatever a client gets wrong here, it gets wrong by itself.
"""
