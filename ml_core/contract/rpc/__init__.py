"""The generated gRPC code of ml_core.proto; `make proto` writes it."""
