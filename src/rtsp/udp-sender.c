/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rtsp/udp-sender.h"

#include "rtsp/fan-out.h"

#include <errno.h>
#include <gio/gio.h>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>

#ifndef UDP_SEGMENT
#define UDP_SEGMENT 103
#endif
/* What the kernel cuts in one go. */
#define MAX_SEGMENTS 64
#define MAX_MESSAGE 65000 /* bytes */
/* For a network that takes no more just now; then the unit is lost for who has not got it. */
#define SEND_TIMEOUT_MS 50
/* Viewers that one thread sends to in a go where several do. */
#define VIEWERS_IN_PART 16

typedef struct {
  char *host;
  int port;
  struct sockaddr_storage address;
  socklen_t address_size; /* 0: none that can be sent to */
} Viewer;

/* Packets of one size, behind each other; the last may be smaller. */
typedef struct {
  struct iovec data;
  gsize segment_size;
  char control[CMSG_SPACE (sizeof (guint16))];
} Batch;

typedef struct {
  GstElement *sink; /* owns us */
  GMutex lock;
  GPtrArray *viewers; /* element-type Viewer; under the lock, as what follows */
  guint n_unfit; /* of them */
  PhRtspFanOut *fan_out; /* of Part */
  guint64 n_units; /* that were sent */
} Sender;

/* What goes to some of the viewers. */
typedef struct {
  int fd;
  struct mmsghdr *messages;
  guint n_messages;
  const GArray *batches;
} Part;

/* ---- viewers -------------------------------------------------------------------------------- */

static void
free_viewer (gpointer data)
{
  Viewer *viewer = data;

  g_free (viewer->host);
  g_free (viewer);
}

static Viewer *
new_viewer (const char *host, int port)
{
  g_autoptr (GSocketAddress) address = g_inet_socket_address_new_from_string (host, port);
  Viewer *viewer = g_new0 (Viewer, 1);

  viewer->host = g_strdup (host);
  viewer->port = port;
  if (address != NULL &&
      !g_inet_address_get_is_multicast (
          g_inet_socket_address_get_address (G_INET_SOCKET_ADDRESS (address))) &&
      g_socket_address_to_native (address, &viewer->address, sizeof viewer->address, NULL))
    viewer->address_size = g_socket_address_get_native_size (address);
  return viewer;
}

static void
on_client_added (GstElement *sink, const char *host, int port, gpointer user_data)
{
  Sender *self = user_data;
  Viewer *viewer = new_viewer (host, port);

  g_mutex_lock (&self->lock);
  self->n_unfit += viewer->address_size == 0;
  g_ptr_array_add (self->viewers, viewer);
  g_mutex_unlock (&self->lock);
}

static void
on_client_removed (GstElement *sink, const char *host, int port, gpointer user_data)
{
  Sender *self = user_data;

  g_mutex_lock (&self->lock);
  for (guint i = 0; i < self->viewers->len; i++) {
    Viewer *viewer = g_ptr_array_index (self->viewers, i);

    if (viewer->port == port && g_str_equal (viewer->host, host)) {
      self->n_unfit -= viewer->address_size == 0;
      g_ptr_array_remove_index_fast (self->viewers, i);
      break;
    }
  }
  g_mutex_unlock (&self->lock);
}

/* ---- a unit --------------------------------------------------------------------------------- */

/* Adds packet, at data, to the last batch or to a new one. */
static void
add_to_batches (GArray *batches, guint8 *data, gsize size)
{
  Batch *last = batches->len > 0 ? &g_array_index (batches, Batch, batches->len - 1) : NULL;
  Batch fresh = { .data = { data, size }, .segment_size = size };

  if (last != NULL && size <= last->segment_size && last->data.iov_len % last->segment_size == 0 &&
      last->data.iov_len / last->segment_size < MAX_SEGMENTS &&
      last->data.iov_len + size <= MAX_MESSAGE)
    last->data.iov_len += size;
  else
    g_array_append_val (batches, fresh);
}

/* Into one piece of memory, which the batches point into; free with g_free. */
static guint8 *
batch_unit (GstBufferList *unit, GArray *batches)
{
  guint8 *data = g_malloc (gst_buffer_list_calculate_size (unit));
  guint8 *at = data;

  for (guint i = 0; i < gst_buffer_list_length (unit); i++) {
    gsize size = gst_buffer_extract (gst_buffer_list_get (unit, i), 0, at, G_MAXUINT16);

    add_to_batches (batches, at, size);
    at += size;
  }
  return data;
}

static void
fill_message (struct mmsghdr *message, Batch *batch, Viewer *viewer)
{
  struct cmsghdr *header = (struct cmsghdr *)batch->control;
  guint16 segment_size = batch->segment_size;

  *message = (struct mmsghdr){ 0 };
  message->msg_hdr.msg_name = &viewer->address;
  message->msg_hdr.msg_namelen = viewer->address_size;
  message->msg_hdr.msg_iov = &batch->data;
  message->msg_hdr.msg_iovlen = 1;
  if (batch->data.iov_len == batch->segment_size)
    return;
  message->msg_hdr.msg_control = batch->control;
  message->msg_hdr.msg_controllen = sizeof batch->control;
  header->cmsg_level = SOL_UDP;
  header->cmsg_type = UDP_SEGMENT;
  header->cmsg_len = CMSG_LEN (sizeof segment_size);
  memcpy (CMSG_DATA (header), &segment_size, sizeof segment_size);
}

/* A way on which packets of this size are cut again, or a device that cannot sum them up. */
static void
send_one_by_one (int fd, const struct msghdr *message, gsize segment_size)
{
  const guint8 *data = message->msg_iov->iov_base;
  gsize size = message->msg_iov->iov_len;

  for (gsize at = 0; at < size; at += segment_size)
    sendto (fd, data + at, MIN (segment_size, size - at), MSG_DONTWAIT | MSG_NOSIGNAL,
        message->msg_name, message->msg_namelen);
}

static gboolean
wait_for_room (int fd)
{
  struct pollfd wanted = { fd, POLLOUT, 0 };

  return poll (&wanted, 1, SEND_TIMEOUT_MS) > 0;
}

/* What is wrong with one viewer is no harm to those behind it. */
static void
send_messages (int fd, struct mmsghdr *messages, guint n_messages, const GArray *batches)
{
  guint at = 0;

  while (at < n_messages) {
    int n_sent = sendmmsg (fd, messages + at, n_messages - at, MSG_DONTWAIT | MSG_NOSIGNAL);

    if (n_sent > 0) {
      at += n_sent;
      continue;
    }
    if (errno == EINTR)
      continue;
    if (errno == EAGAIN && !wait_for_room (fd))
      return;
    if (errno == EAGAIN)
      continue;
    if (errno == EINVAL || errno == EIO || errno == EMSGSIZE)
      send_one_by_one (fd, &messages[at].msg_hdr,
          g_array_index (batches, Batch, at % batches->len).segment_size);
    at++;
  }
}

static void
send_part (gpointer item)
{
  g_autofree Part *part = item;

  send_messages (part->fd, part->messages, part->n_messages, part->batches);
}

/* Under the lock. A viewer's messages stay together. */
static void
send_in_parts (Sender *self, int fd, struct mmsghdr *messages, guint n_messages, GArray *batches)
{
  gboolean is_spread = ph_rtsp_fan_out_is_spread_any (self->fan_out);
  guint n_in_part = is_spread ? VIEWERS_IN_PART * batches->len : n_messages;

  for (guint at = 0; at < n_messages; at += n_in_part) {
    Part *part = g_new (Part, 1);

    *part = (Part){ fd, messages + at, MIN (n_in_part, n_messages - at), batches };
    ph_rtsp_fan_out_send_any (self->fan_out, part);
  }
  ph_rtsp_fan_out_finish_any (self->fan_out);
}

/* Under the lock. To all viewers of one family. */
static void
send_by (Sender *self, const char *property, sa_family_t family, GArray *batches)
{
  g_autoptr (GSocket) socket = NULL;
  g_autofree struct mmsghdr *messages = g_new (struct mmsghdr, self->viewers->len * batches->len);
  guint n_messages = 0;

  for (guint i = 0; i < self->viewers->len; i++) {
    Viewer *viewer = g_ptr_array_index (self->viewers, i);

    for (guint k = 0; viewer->address.ss_family == family && k < batches->len; k++)
      fill_message (&messages[n_messages++], &g_array_index (batches, Batch, k), viewer);
  }
  if (n_messages == 0)
    return;
  g_object_get (self->sink, property, &socket, NULL);
  if (socket != NULL)
    send_in_parts (self, g_socket_get_fd (socket), messages, n_messages, batches);
}

static GstPadProbeReturn
take_unit_on_stream (GstPad *pad, GstPadProbeInfo *info, gpointer user_data)
{
  Sender *self = user_data;
  g_autoptr (GArray) batches = NULL;
  g_autofree guint8 *data = NULL;

  g_mutex_lock (&self->lock);
  if (self->n_unfit > 0) {
    g_mutex_unlock (&self->lock);
    return GST_PAD_PROBE_OK;
  }
  if (self->viewers->len > 0) {
    ph_rtsp_fan_out_begin_any (self->fan_out, self->n_units++);
    batches = g_array_new (FALSE, FALSE, sizeof (Batch));
    data = batch_unit (GST_PAD_PROBE_INFO_BUFFER_LIST (info), batches);
    send_by (self, "used-socket", AF_INET, batches);
    send_by (self, "used-socket-v6", AF_INET6, batches);
  }
  g_mutex_unlock (&self->lock);
  return GST_PAD_PROBE_DROP;
}

/* ---- the sink ------------------------------------------------------------------------------- */

static void
free_sender (gpointer data)
{
  Sender *self = data;

  g_ptr_array_unref (self->viewers);
  ph_rtsp_fan_out_unref_any (self->fan_out);
  g_mutex_clear (&self->lock);
  g_free (self);
}

/* A sink that never gets a unit must not wait for its first one: the whole pipeline would, and with
 * it the sink of sender reports. */
void
ph_rtsp_udp_sender_take_over (GstElement *sink, guint n_threads)
{
  g_autoptr (GstPad) pad = gst_element_get_static_pad (sink, "sink");
  Sender *self = g_new0 (Sender, 1);

  g_mutex_init (&self->lock);
  self->sink = sink;
  self->fan_out = ph_rtsp_fan_out_new (n_threads, send_part);
  self->viewers = g_ptr_array_new_with_free_func (free_viewer);
  g_object_set (sink, "async", FALSE, NULL);
  g_object_set_data_full (G_OBJECT (sink), "ph-rtsp-udp-sender", self, free_sender);
  g_signal_connect (sink, "client-added", G_CALLBACK (on_client_added), self);
  g_signal_connect (sink, "client-removed", G_CALLBACK (on_client_removed), self);
  gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_BUFFER_LIST, take_unit_on_stream, self, NULL);
}
