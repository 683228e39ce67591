"""client/scdx_client"""
