"""The packaged 8-class frame classifier: its checkpoint read and its class branch as a graph."""
