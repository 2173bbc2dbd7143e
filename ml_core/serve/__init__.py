"""The gRPC server: methods, batches, priorities, the models in memory, metrics."""
