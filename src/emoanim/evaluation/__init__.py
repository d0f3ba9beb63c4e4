"""The paper's experiments; never imported by the pipeline."""
