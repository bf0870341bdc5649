/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config/tables.h"

#include "base/reader.h"
#include "config/camera-file.h"
#include "config/config.h"

#include <gio/gio.h>
#include <string.h>

#define ORIGIN_PATTERN "^([*]|https?://([a-z0-9._-]+|\\[[0-9a-f:.]+\\])(:[0-9]{1,5})?)$"
#define HOSTNAME_PATTERN "^[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?$"
#define LISTEN_ALLOWED "\"any\", \"loopback\" or an IP address"

static const char preset_cameras[] =
    "[ { \"name\": \"test\", \"title\": \"Test picture\","
    " \"source\": { \"type\": \"test\", \"width\": 1280, \"height\": 720, \"framerate\": 30 } } ]";

static gboolean
is_listen_address (const char *text)
{
  g_autoptr (GInetAddress) address = g_inet_address_new_from_string (text);

  return address != NULL || strcmp (text, "any") == 0 || strcmp (text, "loopback") == 0;
}

/* "FIRST-LAST" or one address, of one family and in order. */
static gboolean
is_multicast_range (const char *text)
{
  g_auto (GStrv) ends = g_strsplit (text, "-", 2);
  const char *last_text = ends[1] != NULL ? ends[1] : ends[0];
  g_autoptr (GInetAddress) first = g_inet_address_new_from_string (ends[0]);
  g_autoptr (GInetAddress) last = g_inet_address_new_from_string (last_text);

  return first != NULL && last != NULL && g_inet_address_get_is_multicast (first) &&
         g_inet_address_get_is_multicast (last) &&
         g_inet_address_get_family (first) == g_inet_address_get_family (last) &&
         memcmp (g_inet_address_to_bytes (first), g_inet_address_to_bytes (last),
             g_inet_address_get_native_size (first)) <= 0;
}

/* clang-format off */
#define AT(member) G_STRUCT_OFFSET (PhHttpConfig, member)
static const PhField http_fields[] = {
  { "listen", PH_FIELD_TEXT, AT (listen), "\"any\"", "Where to listen: any is all of IPv4 and IPv6",
    .is_allowed = is_listen_address, .allowed = LISTEN_ALLOWED },
  { "port", PH_FIELD_UINT, AT (port), "8081", "TCP port for HTTP", .min = 1, .max = 65535 },
  { "tls_port", PH_FIELD_UINT, AT (tls_port), "8443", "TCP port for HTTPS", .min = 1, .max = 65535 },
  { "redirect", PH_FIELD_BOOLEAN, AT (redirect), "false", "Whether HTTP sends browsers on to HTTPS, except on this machine itself" },
  { "hostnames", PH_FIELD_TEXTS, AT (hostnames), "[]", "Names by which browsers reach Porthole, beside this machine's own names and addresses",
    .max = 64, .pattern = HOSTNAME_PATTERN, .allowed = "a host name without port, like \"cam.example.org\"" },
  { "cors", PH_FIELD_TEXTS, AT (cors), "[]", "Origins of other sites whose pages may read what Porthole serves (CORS); \"*\" is any site, without credentials",
    .max = 64, .pattern = ORIGIN_PATTERN, .allowed = "an origin in lower case, like \"https://home.example.org\", or \"*\"" },
  { "acme_webroot", PH_FIELD_PATH, AT (acme_webroot), NULL, "Folder in which certbot (--webroot-path), lego (--http.webroot) or acme.sh (--webroot) puts .well-known/acme-challenge, for certificates by HTTP-01" },
  { "segment_duration", PH_FIELD_DOUBLE, AT (segment_duration), "2.0", "Length an HLS segment aims at; it ends at a keyframe",
    .min = 0.5, .max = 30, .unit = "seconds" },
  { "part_duration", PH_FIELD_DOUBLE, AT (part_duration), "0.2", "Length of an HLS part, for low latency; at least one frame. 0: no parts",
    .min = 0, .max = 5, .unit = "seconds" },
  { "playlist_segments", PH_FIELD_UINT, AT (playlist_segments), "10", "Segments kept in an HLS playlist; from more than six target durations on, players that have read it are sent only what is new",
    .min = 3, .max = 60 },
  { "mp4_max_age", PH_FIELD_DOUBLE, AT (mp4_max_age), "2.0", "What may wait for a viewer of MP4 whose line is too thin; then it goes on with the next keyframe",
    .min = 0.1, .max = 60, .unit = "seconds" },
  { "mjpeg_max_age", PH_FIELD_DOUBLE, AT (mjpeg_max_age), "0.5", "How long a picture may wait for a viewer of MJPEG whose line is too thin",
    .min = 0.1, .max = 60, .unit = "seconds" },
  { NULL },
};
#undef AT

#define AT(member) G_STRUCT_OFFSET (PhRtspConfig, member)
static const PhField rtsp_fields[] = {
  { "listen", PH_FIELD_TEXT, AT (listen), "\"any\"", "Where to listen: any is all of IPv4 and IPv6",
    .is_allowed = is_listen_address, .allowed = LISTEN_ALLOWED },
  { "port", PH_FIELD_UINT, AT (port), "8554", "TCP port for RTSP", .min = 1, .max = 65535 },
  { "tls_port", PH_FIELD_UINT, AT (tls_port), "8322", "TCP port for RTSP over TLS. ?srtp behind an address there, as in rtsps://HOST:8322/front?srtp, asks for SRTP, which is encrypted over UDP as well", .min = 1, .max = 65535 },
  { "multicast", PH_FIELD_BOOLEAN, AT (multicast), "false", "Whether viewers may ask for multicast" },
  { "multicast_address", PH_FIELD_TEXT, AT (multicast_address), "\"239.255.85.1-239.255.85.254\"", "Multicast addresses to give to streams",
    .is_allowed = is_multicast_range, .allowed = "a multicast address, or FIRST-LAST of one family" },
  { "multicast_port", PH_FIELD_UINT, AT (multicast_port), "15000", "First UDP port for multicast; an even number",
    .min = 1024, .max = 65000 },
  { "max_age", PH_FIELD_DOUBLE, AT (max_age), "1.0", "What may wait for a viewer over TCP whose line is too thin; then it goes on with the next keyframe",
    .min = 0.1, .max = 60, .unit = "seconds" },
  { "threads", PH_FIELD_UINT, AT (threads), "0", "Threads that may send a stream to its viewers once one is busy with it; 0: as many as there are processors",
    .max = 64 },
  { NULL },
};
#undef AT

#define AT(member) G_STRUCT_OFFSET (PhConfig, member)
static const PhField settings_fields[] = {
  { "http", PH_FIELD_TABLE, AT (http), "{}", "The HTTP server: page, HLS, MP4, MJPEG, snapshots, API",
    .table = &ph_http_table },
  { "rtsp", PH_FIELD_TABLE, AT (rtsp), "{}", "The RTSP server", .table = &ph_rtsp_table },
  { "access", PH_FIELD_TABLE, AT (access), "{}", "Who may look", .table = &ph_access_table },
  { "tls", PH_FIELD_TABLE, AT (tls), "{}", "The certificate of HTTPS and of RTSP over TLS", .table = &ph_tls_table },
  { "remote", PH_FIELD_TABLE, AT (remote), "{}", "Being reached from outside", .table = &ph_remote_table },
  { "cameras", PH_FIELD_LIST, AT (cameras), preset_cameras,
    "Cameras, each as an object or as the name of a file with one; \"*\" and \"?\" in a name take all files that match. Without it one test picture",
    .table = &ph_camera_table, .expand = ph_camera_file_expand },
  { NULL },
};
#undef AT
/* clang-format on */

static void
finish_http (PhReader *reader, gpointer record)
{
  const PhHttpConfig *http = record;
  g_autofree char *found = ph_field_format_number (http->part_duration);
  g_autofree char *segment = ph_field_format_number (http->segment_duration);

  if (http->part_duration > http->segment_duration)
    ph_reader_add_problem (reader, "part_duration",
        "found %s; allowed: at most segment_duration, which is %s", found, segment);
}

static void
finish_rtsp (PhReader *reader, gpointer record)
{
  const PhRtspConfig *rtsp = record;

  if (rtsp->multicast_port % 2 != 0)
    ph_reader_add_problem (reader, "multicast_port",
        "found %u; allowed: an even number, as RTCP takes the next", rtsp->multicast_port);
}

static void
check_ports (PhReader *reader, const PhConfig *config)
{
  const char *const keys[] = { "http.port", "rtsp.port", "http.tls_port", "rtsp.tls_port" };
  const guint ports[] = { config->http->port, config->rtsp->port, config->http->tls_port,
    config->rtsp->tls_port };

  for (gsize i = 1; i < G_N_ELEMENTS (ports); i++)
    for (gsize other = 0; other < i; other++)
      if (ports[i] == ports[other])
        ph_reader_add_problem (reader, keys[i],
            "found %u, which is %s too; allowed: a port of its own", ports[i], keys[other]);
}

/* A name that follows the public address leads here, so it is one of ours. */
static void
add_own_names (PhConfig *config)
{
  g_autoptr (GStrvBuilder) names = g_strv_builder_new ();

  if (config->http->hostnames == NULL || config->remote == NULL || config->remote->ddns == NULL)
    return; /* after faults */
  g_strv_builder_addv (names, (const char **)config->http->hostnames);
  for (guint i = 0; i < config->remote->ddns->len; i++) {
    const PhDdnsConfig *ddns = g_ptr_array_index (config->remote->ddns, i);

    if (ddns->hostname != NULL && ddns->hostname[0] != '*' &&
        !g_strv_contains ((const char *const *)config->http->hostnames, ddns->hostname))
      g_strv_builder_add (names, ddns->hostname);
  }
  g_strfreev (config->http->hostnames);
  config->http->hostnames = g_strv_builder_end (names);
}

static void
finish_settings (PhReader *reader, gpointer record)
{
  PhConfig *config = record;

  config->file = g_strdup (ph_reader_get_file (reader));
  check_ports (reader, config);
  add_own_names (config);
}

static void
clear_settings (gpointer record)
{
  PhConfig *config = record;

  g_free (config->file);
}

const PhTable ph_http_table = {
  .name = "http",
  .help = "The HTTP server",
  .size = sizeof (PhHttpConfig),
  .fields = http_fields,
  .finish = finish_http,
};

const PhTable ph_rtsp_table = {
  .name = "rtsp",
  .help = "The RTSP server",
  .size = sizeof (PhRtspConfig),
  .fields = rtsp_fields,
  .finish = finish_rtsp,
};

const PhTable ph_settings_table = {
  .name = "porthole",
  .help = "All settings",
  .size = sizeof (PhConfig),
  .fields = settings_fields,
  .finish = finish_settings,
  .clear = clear_settings,
};
