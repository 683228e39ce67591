"""server/scdx_server"""
