"""All that needs PyTorch: CUDA, the larger backbones, and the making of exported graphs.

Nothing outside of this room and the benches imports it but when it is asked for: a class on one machine's CPU
runs where it is not installed.
"""
