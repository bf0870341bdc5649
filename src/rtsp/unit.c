/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rtsp/unit.h"

/* No payloader makes that many of one unit; beyond it a marker was forgotten. */
#define MAX_PACKETS 8192

#define NAL_TYPE_MASK 0x1f
#define NAL_TYPE_DELIMITER 9

static guint
get_start_code_length (const guint8 *data, gsize size)
{
  if (size >= 3 && data[0] == 0 && data[1] == 0 && data[2] == 1)
    return 3;
  if (size >= 4 && data[0] == 0 && data[1] == 0 && data[2] == 0 && data[3] == 1)
    return 4;
  return 0;
}

static gsize
measure_delimiter (GstBuffer *buffer)
{
  guint8 data[10];
  gsize size = gst_buffer_extract (buffer, 0, data, sizeof data);
  guint start = get_start_code_length (data, size);
  gsize end = start + 2; /* a NAL header and one byte */

  if (start == 0 || size < end + 3 || (data[start] & NAL_TYPE_MASK) != NAL_TYPE_DELIMITER)
    return 0;
  return get_start_code_length (data + end, size - end) != 0 ? end : 0;
}

GstBuffer *
ph_rtsp_unit_copy_any (GstBuffer *buffer)
{
  gsize skipped = measure_delimiter (buffer);

  if (skipped == 0)
    return gst_buffer_copy (buffer);
  return gst_buffer_copy_region (buffer, GST_BUFFER_COPY_ALL, skipped, -1);
}

static gboolean
has_marker (GstBuffer *packet)
{
  guint8 header[2] = { 0 };

  gst_buffer_extract (packet, 0, header, sizeof header);
  return (header[1] & 0x80) != 0; /* RFC 3550 5.1 */
}

static gboolean
add_packet (GstBuffer **packet, guint index, gpointer user_data)
{
  gst_buffer_list_add (user_data, gst_buffer_ref (*packet));
  return TRUE;
}

static GstBufferList *
steal_unit (GstBufferList **gathered)
{
  GstBufferList *unit = *gathered;

  *gathered = gst_buffer_list_new ();
  return unit;
}

/* The pad's peer is called here, since a probe cannot turn a buffer into a list. */
static GstPadProbeReturn
gather_on_stream (GstPad *pad, GstPadProbeInfo *info, gpointer user_data)
{
  GstBufferList **gathered = user_data;
  g_autoptr (GstPad) peer = NULL;
  guint n_packets;

  if (GST_PAD_PROBE_INFO_TYPE (info) & GST_PAD_PROBE_TYPE_BUFFER_LIST)
    gst_buffer_list_foreach (GST_PAD_PROBE_INFO_BUFFER_LIST (info), add_packet, *gathered);
  else
    gst_buffer_list_add (*gathered, gst_buffer_ref (GST_PAD_PROBE_INFO_BUFFER (info)));

  n_packets = gst_buffer_list_length (*gathered);
  if (n_packets < MAX_PACKETS && !has_marker (gst_buffer_list_get (*gathered, n_packets - 1)))
    return GST_PAD_PROBE_DROP;

  peer = gst_pad_get_peer (pad);
  if (peer == NULL)
    return GST_PAD_PROBE_DROP;
  gst_mini_object_unref (GST_PAD_PROBE_INFO_DATA (info));
  GST_PAD_PROBE_INFO_DATA (info) = NULL;
  GST_PAD_PROBE_INFO_FLOW_RETURN (info) = gst_pad_chain_list (peer, steal_unit (gathered));
  return GST_PAD_PROBE_HANDLED;
}

static void
free_gathered (gpointer data)
{
  GstBufferList **gathered = data;

  gst_buffer_list_unref (*gathered);
  g_free (gathered);
}

void
ph_rtsp_unit_gather (GstPad *pad)
{
  GstBufferList **gathered = g_new0 (GstBufferList *, 1);

  *gathered = gst_buffer_list_new ();
  gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_BUFFER | GST_PAD_PROBE_TYPE_BUFFER_LIST,
      gather_on_stream, gathered, free_gathered);
}

static GstPadProbeReturn
drop_first_on_stream (GstPad *pad, GstPadProbeInfo *info, gpointer user_data)
{
  gboolean *is_dropped = user_data;

  if (*is_dropped)
    return GST_PAD_PROBE_REMOVE;
  *is_dropped = TRUE;
  return GST_PAD_PROBE_DROP;
}

void
ph_rtsp_unit_drop_first (GstPad *pad)
{
  gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_BUFFER | GST_PAD_PROBE_TYPE_BUFFER_LIST,
      drop_first_on_stream, g_new0 (gboolean, 1), g_free);
}
