"""Which containers are opened: those that hold their media themselves.

A playlist (m3u8, ffconcat, sdp, dash, imf) is a list of other files and addresses; FFmpeg would
open them whatever the suffix of the list is, so a file from elsewhere could have any other file of
this machine read into a video. Only the formats named here are tried, and only local files.
"""

from __future__ import annotations

__all__ = ["OPTIONS"]

_CONTAINERS = (
    "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,avi,mpegts,mpeg,mpegvideo,m4v,mjpeg,flv,live_flv,asf,"
    "asf_o,ogg,mxf,nut,gif,apng,dv,rm,wtv,gxf,swf,yuv4mpegpipe,h264,hevc,vvc,av1,obu,ivf,vc1,"
    "vc1test,h263,cavsvideo,dirac,dhav"
)
_SOUND = (
    "wav,w64,flac,mp3,aac,aiff,au,caf,amr,amrnb,amrwb,ac3,eac3,dts,dtshd,truehd,mlp,ape,wv,tta,tak,"
    "mpc,mpc8,voc,loas,latm,oma,qcp,gsm,dsf"
)
_STILLS = (
    "image2,ico,webp,png_pipe,jpeg_pipe,jpegls_pipe,jpegxl_pipe,webp_pipe,bmp_pipe,tiff_pipe,"
    "gif_pipe,ppm_pipe,pgm_pipe,pbm_pipe,pam_pipe,pfm_pipe,j2k_pipe,psd_pipe,exr_pipe,hdr_pipe,"
    "dpx_pipe,qoi_pipe,sgi_pipe,sunrast_pipe,pcx_pipe,dds_pipe,xbm_pipe,xpm_pipe,tty"
)
"""A text is opened as a picture of a terminal so that the message can say that it is a text."""

OPTIONS = {
    "format_whitelist": ",".join((_CONTAINERS, _SOUND, _STILLS)),
    "protocol_whitelist": "file",
    # a name such as "still%d.png" is that file, not a series of them
    "pattern_type": "none",
}
"""Options for FFmpeg's opening of any file."""
