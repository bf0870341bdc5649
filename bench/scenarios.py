# SPDX-License-Identifier: LGPL-2.1-or-later
"""What can be measured. Each scenario returns a list of Table; its text says in a line what it is."""
from fan_out import access, mjpeg, rtsp_tcp, rtsp_tls, rtsp_udp, threads
from first_picture import first_picture, first_picture_idle
from footprint import footprint, growth
from hls_requests import hls
from latency import latency

ALL = {
    "rtsp-tcp": rtsp_tcp,
    "rtsp-udp": rtsp_udp,
    "rtsp-tls": rtsp_tls,
    "mjpeg": mjpeg,
    "hls": hls,
    "first-picture": first_picture,
    "first-picture-idle": first_picture_idle,
    "latency": latency,
    "footprint": footprint,
    "growth": growth,
    "access": access,
    "threads": threads,
}
