"""All that both tiers share: the gRPC contract, the blob store, how a process is seen."""
