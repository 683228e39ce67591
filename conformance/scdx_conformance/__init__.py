"""conformance/scdx_conformance"""
