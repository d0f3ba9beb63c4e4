"""The offline face: action units on a landmark mesh, warp, shading, mouth and visemes."""
