"""The key-point renderer that SadTalker and EAT share: one source image, moved by 15 points in 3-D.

Wang et al., "One-shot free-view neural talking-head synthesis for video conferencing", CVPR 2021,
with a SPADE decoder. Its networks import torch; import them where one is made.
"""
