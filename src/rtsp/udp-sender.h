/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Sends access units over UDP: all packets of a unit to one viewer are one message that the kernel
 * cuts (UDP_SEGMENT, udp(7)), and the messages of all viewers are few system calls. A packet each,
 * as GStreamer's multiudpsink has it, costs several times as much. */
#pragma once

#include <gst/gst.h>

/* From now on units that come in lists are sent so in place of sink, a multiudpsink, to the viewers
 * it is given. What cannot be sent so still goes through it: single packets, and everything while
 * it has a multicast group or a viewer that cannot be addressed. Lives as long as the sink.
 * n_threads: how many may send at the same time; 0: as many as there are processors. */
void ph_rtsp_udp_sender_take_over (GstElement *sink, guint n_threads);
