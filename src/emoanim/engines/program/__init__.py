"""Any program that reads and writes files: run without a shell, its results read and checked."""
