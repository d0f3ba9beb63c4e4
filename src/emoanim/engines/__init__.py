"""What computes: rigs, voices and networks that know no role and no registry."""
