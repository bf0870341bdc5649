/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Every kind of fault in settings, and the sentences that tell it. */
#include "config/config.h"

#include "base/error.h"

#include <glib/gstdio.h>
#include <string.h>
#include <sysexits.h>

typedef struct {
  const char *settings; /* porthole.json */
  const char *expected; /* a line for each problem, without the folder */
  const char *front; /* front.json; nullable */
} Row;

/* Everything a camera "x" needs but the parts under test. */
#define TEST_SOURCE "\"source\": { \"type\": \"test\" }"
#define CAMERA(members) "{ \"cameras\": [ { \"name\": \"x\", " members " } ] }"
#define SOURCE(members) CAMERA ("\"source\": { " members " }")
#define STREAM(members) CAMERA (TEST_SOURCE ", \"streams\": [ { " members " } ]")
#define HTTP(members) "{ \"http\": { " members " } }"
#define RTSP(members) "{ \"rtsp\": { " members " } }"
#define ACCESS(members) "{ \"access\": { " members " } }"
#define USER(members) ACCESS ("\"users\": [ { \"name\": \"anna\", " members " } ]")
#define REMOTE(members) "{ \"remote\": { " members " } }"
#define DDNS(members) \
  REMOTE ("\"ddns\": [ { \"provider\": \"no-ip\", \"hostname\": \"cam.ddns.net\", " members " } " \
          "]")
#define GENERIC(members) \
  REMOTE ("\"ddns\": [ { \"provider\": \"generic\", \"hostname\": \"cam.example.org\", " members \
          " } ]")
#define TEMPLATE_RULE \
  "an address that starts with \"https://\" (\"http://\" only to this machine) and has no user " \
  "name in front of its host"
#define FRONT "{ \"cameras\": [ \"front.json\" ] }"

#define HTTP_KEYS \
  "listen, port, tls_port, redirect, hostnames, cors, acme_webroot, segment_duration, " \
  "part_duration, " \
  "playlist_segments, mp4_max_age, mjpeg_max_age"
#define TOP_KEYS "http, rtsp, access, tls, remote, cameras"
#define V4L2_KEYS "type, width, height, framerate, device, format"
#define NAME_RULE "1 to 63 of the characters a-z, 0-9 and \"-\""
#define CAMERA_NAME_RULE \
  NAME_RULE ", but none of api, assets, healthz, login, logout, metrics, onvif, reach"
#define URL_RULE \
  "an address that starts with \"rtsp://\" or \"rtsps://\" and has no user name and no password " \
  "in it (they belong in username and password_file)"
#define HOSTNAME_RULE "a host name without port, like \"cam.example.org\""
#define HIDDEN "a text (not shown, it may hold a password)"

/* clang-format off */
static const Row rows[] = {
  /* the file as a whole */
  { "{ \"http\": {\n    \"port\" 8081 } }", "porthole.json: line 2, column 12: found \"8081\"; allowed: \":\" after a key" },
  { "[]", "porthole.json: found a list of 0; allowed: an object" },
  { "\"x\"", "porthole.json: found \"x\"; allowed: an object" },
  { "", "porthole.json: line 1, column 1: found the end of the file; allowed: an object, a list, a text in double quotes, a number, true, false or null" },
  { "{ \"http\": { \"listen\": \"\xff\" } }", "porthole.json: line 1, column 24: found bytes that are not UTF-8; allowed: UTF-8 text" },

  /* keys */
  { HTTP ("\"prot\": 1"), "porthole.json: http.prot: found an unknown key; allowed: " HTTP_KEYS "; did you mean \"port\"?" },
  { HTTP ("\"colour\": 1"), "porthole.json: http.colour: found an unknown key; allowed: " HTTP_KEYS },
  { "{ \"htpp\": {} }", "porthole.json: htpp: found an unknown key; allowed: " TOP_KEYS "; did you mean \"http\"?" },
  { "{ \"routes\": {} }", "porthole.json: routes: found an unknown key; allowed: " TOP_KEYS },
  { "{ \"a b\\n\": 1 }", "porthole.json: [\"a b\\u000a\"]: found an unknown key; allowed: " TOP_KEYS },
  { HTTP ("\"port\": 81, \"port\": 82"), "porthole.json: http.port: found more than once; allowed: once" },
  { SOURCE ("\"type\": \"v4l2\", \"url\": \"rtsp://u:secret@h/\""),
    "porthole.json: cameras[0].source.url: found a key that type \"v4l2\" does not have; allowed: " V4L2_KEYS },
  { STREAM ("\"name\": \"a\", \"codec\": \"jpeg\", \"bitrate\": 1000"),
    "porthole.json: cameras[0].streams[0].bitrate: found a key that codec \"jpeg\" does not have; allowed: name, codec, width, height, framerate, quality" },
  { CAMERA (TEST_SOURCE ", \"title\": \"a\", \"encodr\": \"auto\""),
    "porthole.json: cameras[0].encodr: found an unknown key; allowed: name, title, source, streams, push, encoder, anonymous, linger; did you mean \"encoder\"?" },
  { SOURCE ("\"type\": \"rtsp\", \"url\": \"rtsp://h/\", \"password\": \"secret\""),
    "porthole.json: cameras[0].source.password: found an unknown key; allowed: type, width, height, framerate, url, username, password_file, transport; did you mean \"password_file\"?" },

  /* types */
  { HTTP ("\"port\": \"8081\""), "porthole.json: http.port: found \"8081\"; allowed: a whole number from 1 to 65535" },
  { HTTP ("\"port\": 1.5"), "porthole.json: http.port: found 1.5; allowed: a whole number from 1 to 65535" },
  { HTTP ("\"port\": null"), "porthole.json: http.port: found null; allowed: a whole number from 1 to 65535" },
  { HTTP ("\"port\": true"), "porthole.json: http.port: found true; allowed: a whole number from 1 to 65535" },
  { HTTP ("\"port\": [1, 2]"), "porthole.json: http.port: found a list of 2; allowed: a whole number from 1 to 65535" },
  { HTTP ("\"listen\": 1"), "porthole.json: http.listen: found 1; allowed: \"any\", \"loopback\" or an IP address" },
  { HTTP ("\"segment_duration\": \"2\""), "porthole.json: http.segment_duration: found \"2\"; allowed: a number from 0.5 to 30 (seconds)" },
  { RTSP ("\"multicast\": 1"), "porthole.json: rtsp.multicast: found 1; allowed: true or false" },
  { RTSP ("\"multicast\": \"yes\""), "porthole.json: rtsp.multicast: found \"yes\"; allowed: true or false" },
  { "{ \"http\": 8081 }", "porthole.json: http: found 8081; allowed: an object" },
  { "{ \"http\": [] }", "porthole.json: http: found a list of 0; allowed: an object" },
  { "{ \"cameras\": \"*.json\" }", "porthole.json: cameras: found \"*.json\"; allowed: a list of objects or file names" },
  { "{ \"cameras\": [ 1 ] }", "porthole.json: cameras[0]: found 1; allowed: an object or a file name" },
  { CAMERA (TEST_SOURCE ", \"streams\": [ \"main\" ]"), "porthole.json: cameras[0].streams[0]: found \"main\"; allowed: an object" },
  { CAMERA ("\"source\": \"test\""), "porthole.json: cameras[0].source: found \"test\"; allowed: an object" },
  { SOURCE ("\"type\": 1"), "porthole.json: cameras[0].source.type: found 1; allowed: \"libcamera\", \"v4l2\", \"rtsp\", \"file\", \"test\", \"launch\"" },

  /* ranges */
  { HTTP ("\"port\": 0"), "porthole.json: http.port: found 0; allowed: a whole number from 1 to 65535" },
  { HTTP ("\"port\": 65536"), "porthole.json: http.port: found 65536; allowed: a whole number from 1 to 65535" },
  { HTTP ("\"port\": -1"), "porthole.json: http.port: found -1; allowed: a whole number from 1 to 65535" },
  { HTTP ("\"port\": 999999999999999"), "porthole.json: http.port: found 999999999999999; allowed: a whole number from 1 to 65535" },
  { HTTP ("\"port\": 1e400"), "porthole.json: http.port: found inf; allowed: a whole number from 1 to 65535" },
  { HTTP ("\"segment_duration\": 0.49"), "porthole.json: http.segment_duration: found 0.49; allowed: a number from 0.5 to 30 (seconds)" },
  { HTTP ("\"part_duration\": -0.1"), "porthole.json: http.part_duration: found -0.1; allowed: a number from 0 to 5 (seconds)" },
  { HTTP ("\"playlist_segments\": 2"), "porthole.json: http.playlist_segments: found 2; allowed: a whole number from 3 to 60" },
  { STREAM ("\"name\": \"a\", \"codec\": \"h264\", \"keyframe_interval\": 60.5"),
    "porthole.json: cameras[0].streams[0].keyframe_interval: found 60.5; allowed: a number from 0.1 to 60 (seconds)" },
  { STREAM ("\"name\": \"a\", \"codec\": \"h264\", \"bitrate\": 4000000"),
    "porthole.json: cameras[0].streams[0].bitrate: found 4000000; allowed: a whole number from 16 to 200000 (kbit/s)" },
  { STREAM ("\"name\": \"a\", \"codec\": \"jpeg\", \"quality\": 101"),
    "porthole.json: cameras[0].streams[0].quality: found 101; allowed: a whole number from 1 to 100" },
  { SOURCE ("\"type\": \"test\", \"framerate\": 0"), "porthole.json: cameras[0].source.framerate: found 0; allowed: a number from 0.1 to 240 (frames/s)" },
  { SOURCE ("\"type\": \"test\", \"width\": 8, \"height\": 9000"),
    "porthole.json: cameras[0].source.width: found 8; allowed: a whole number from 16 to 8192 (pixels)\n"
    "porthole.json: cameras[0].source.height: found 9000; allowed: a whole number from 16 to 8192 (pixels)" },
  { CAMERA (TEST_SOURCE ", \"linger\": -1"), "porthole.json: cameras[0].linger: found -1; allowed: a number from 0 to 3600 (seconds)" },
  { CAMERA (TEST_SOURCE ", \"title\": \"\""), "porthole.json: cameras[0].title: found \"\"; allowed: a text of 1 to 100 characters" },
  { CAMERA (TEST_SOURCE ", \"title\": \"a\\tb\""), "porthole.json: cameras[0].title: found \"a\\u0009b\"; allowed: a text of 1 to 100 characters" },
  { CAMERA (TEST_SOURCE ", \"streams\": []"), "porthole.json: cameras[0].streams: found a list of 0; allowed: a list of 1 to 16 objects" },
  { CAMERA (TEST_SOURCE ", \"streams\": [1,2,3,4,5,6,7,8,9,0,1,2,3,4,5,6,7]"),
    "porthole.json: cameras[0].streams: found a list of 17; allowed: a list of 1 to 16 objects" },

  /* words */
  { SOURCE ("\"type\": \"libcam\""),
    "porthole.json: cameras[0].source.type: found \"libcam\"; allowed: \"libcamera\", \"v4l2\", \"rtsp\", \"file\", \"test\", \"launch\"; did you mean \"libcamera\"?" },
  { SOURCE ("\"type\": \"usb\""), "porthole.json: cameras[0].source.type: found \"usb\"; allowed: \"libcamera\", \"v4l2\", \"rtsp\", \"file\", \"test\", \"launch\"" },
  { SOURCE ("\"type\": \"v4l2\", \"format\": \"MJPG\""),
    "porthole.json: cameras[0].source.format: found \"MJPG\"; allowed: \"auto\", \"raw\", \"mjpeg\", \"h264\"; did you mean \"mjpeg\"?" },
  { SOURCE ("\"type\": \"rtsp\", \"url\": \"rtsp://h\", \"transport\": \"http\""),
    "porthole.json: cameras[0].source.transport: found \"http\"; allowed: \"auto\", \"udp\", \"tcp\"" },
  { STREAM ("\"name\": \"a\", \"codec\": \"h265\""), "porthole.json: cameras[0].streams[0].codec: found \"h265\"; allowed: \"h264\", \"jpeg\"; did you mean \"h264\"?" },
  { CAMERA (TEST_SOURCE ", \"encoder\": \"x264\""),
    "porthole.json: cameras[0].encoder: found \"x264\"; allowed: \"auto\", \"nvh264enc\", \"vah264enc\", \"vah264lpenc\", \"vaapih264enc\", \"qsvh264enc\", "
    "\"v4l2h264enc\", \"mpph264enc\", \"omxh264enc\", \"x264enc\", \"openh264enc\"; did you mean \"x264enc\"?" },
  { HTTP ("\"listen\": \"lo\""), "porthole.json: http.listen: found \"lo\"; allowed: \"any\", \"loopback\" or an IP address" },
  { HTTP ("\"listen\": \"10.0.0.300\""), "porthole.json: http.listen: found \"10.0.0.300\"; allowed: \"any\", \"loopback\" or an IP address" },

  /* lists of texts */
  { HTTP ("\"hostnames\": \"cam.example.org\""), "porthole.json: http.hostnames: found \"cam.example.org\"; allowed: a list of 0 to 64 texts, each " HOSTNAME_RULE },
  { HTTP ("\"hostnames\": [ \"cam.example.org\", \"a:80\", 1, \"\" ]"),
    "porthole.json: http.hostnames[1]: found \"a:80\"; allowed: " HOSTNAME_RULE "\n"
    "porthole.json: http.hostnames[2]: found 1; allowed: " HOSTNAME_RULE "\n"
    "porthole.json: http.hostnames[3]: found \"\"; allowed: " HOSTNAME_RULE },
  { ACCESS ("\"trusted_proxies\": [ \"10.0.0.0/8\", \"::1\", \"10.0.0.1/8\" ]"),
    "porthole.json: access.trusted_proxies[2]: found \"10.0.0.1/8\"; allowed: an IP address or a network, like \"192.168.1.0/24\"" },

  /* being reached from outside */
  { REMOTE ("\"port_mapping\": { \"ports\": [ \"https\", \"rtsp\", \"ssh\" ] }"),
    "porthole.json: remote.port_mapping.ports[2]: found \"ssh\"; allowed: \"https\" or \"rtsps\", and with allow_plain \"http\" or \"rtsp\"\n"
    "porthole.json: remote.port_mapping.ports[1]: found \"rtsp\", over which everybody on the way can read; allowed: \"https\" and \"rtsps\", or this with \"allow_plain\": true" },
  { REMOTE ("\"public_address\": { \"sources\": [ \"router\", \"http://checkip.example.org\" ] }"),
    "porthole.json: remote.public_address.sources[1]: found \"http://checkip.example.org\"; allowed: \"router\", \"interface\", an IP address or an address that starts with \"https://\" (\"http://\" only to this machine)" },
  { DDNS ("\"families\": [ \"ipv5\" ]"), "porthole.json: remote.ddns[0].families[0]: found \"ipv5\"; allowed: \"ipv4\" or \"ipv6\"" },
  { DDNS ("\"password\": \"secret\", \"password_file\": \"p\""),
    "porthole.json: remote.ddns[0]: found both password and password_file; allowed: one of them" },
  { DDNS ("\"zone\": \"example.org\""), "porthole.json: remote.ddns[0].zone: found \"example.org\"; allowed: a domain that \"cam.ddns.net\" is in" },
  { DDNS ("\"url\": \"https://example.org/?ip={ip}\""), "porthole.json: remote.ddns[0].url: found with provider \"no-ip\"; allowed: only with provider \"generic\"" },
  { REMOTE ("\"ddns\": [ { \"provider\": \"no-ip\", \"hostname\": \"a.example.org\" }, { \"provider\": \"no-ip\", \"hostname\": \"A.example.org\" } ]"),
    "porthole.json: remote.ddns[1].hostname: found \"a.example.org\" a second time with this provider; allowed: once" },
  { GENERIC ("\"username\": \"u\""), "porthole.json: remote.ddns[0].url: found nothing, but provider \"generic\" needs it; allowed: a text" },
  { GENERIC ("\"url\": \"http://example.org/?ip={ip}&pass=secret\""), "porthole.json: remote.ddns[0].url: found " HIDDEN "; allowed: " TEMPLATE_RULE "\n"
    "porthole.json: remote.ddns[0].url: found nothing, but provider \"generic\" needs it; allowed: a text" },
  { GENERIC ("\"url\": \"https://example.org/?ip={ip}\", \"success\": \"(\""), "porthole.json: remote.ddns[0].success: found \"(\"; allowed: a regular expression" },

  /* users */
  { USER ("\"role\": \"root\""), "porthole.json: access.users[0].role: found \"root\"; allowed: \"viewer\", \"admin\"" },
  { USER ("\"password\": \"\""), "porthole.json: access.users[0].password: found " HIDDEN "; allowed: a text of 1 to 255 characters" },
  { USER ("\"cameras\": [ \"front\", \"Front Door\" ]"),
    "porthole.json: access.users[0].cameras[1]: found \"Front Door\"; allowed: a camera's name, in which \"*\" and \"?\" may stand for any characters" },
  { USER ("\"password\": \"secret\", \"password_file\": \"p\""),
    "porthole.json: access.users[0]: found more than one of password, password_file and digest; allowed: one" },
  { USER ("\"digest\": {}"), "porthole.json: access.users[0].digest: found neither md5 nor sha256; allowed: one of them or both" },
  { USER ("\"digest\": { \"sha256\": \"00\", \"md5\": \"0123456789abcdef0123456789ABCDEF\" }"),
    "porthole.json: access.users[0].digest.sha256: found " HIDDEN "; allowed: 64 hexadecimal digits" },
  { ACCESS ("\"users\": [ { \"name\": \"a:b\" }, { \"name\": \"c\" }, { \"name\": \"c\" } ]"),
    "porthole.json: access.users[0].name: found \"a:b\"; allowed: 1 to 63 of the characters A-Z, a-z, 0-9, \".\", \"_\", \"@\", \"+\" and \"-\"\n"
    "porthole.json: access.users[2].name: found \"c\" for a second user; allowed: a name of its own" },
  { "{ \"tls\": { \"key\": \"k.pem\" } }", "porthole.json: tls.certificate: found nothing, but \"key\" needs it; allowed: both or neither" },

  /* what is required */
  { "{ \"cameras\": [ {} ] }",
    "porthole.json: cameras[0].name: found nothing, but it is required; allowed: " CAMERA_NAME_RULE "\n"
    "porthole.json: cameras[0].source: found nothing, but it is required; allowed: an object" },
  { SOURCE (""), "porthole.json: cameras[0].source.type: found nothing, but it is required; allowed: \"libcamera\", \"v4l2\", \"rtsp\", \"file\", \"test\", \"launch\"" },
  { SOURCE ("\"type\": \"rtsp\""), "porthole.json: cameras[0].source.url: found nothing, but it is required; allowed: " URL_RULE },
  { SOURCE ("\"type\": \"file\""), "porthole.json: cameras[0].source.path: found nothing, but it is required; allowed: a path" },
  { SOURCE ("\"type\": \"launch\""), "porthole.json: cameras[0].source.launch: found nothing, but it is required; allowed: a text of 1 to 4000 characters" },
  { STREAM (""),
    "porthole.json: cameras[0].streams[0].name: found nothing, but it is required; allowed: " NAME_RULE "\n"
    "porthole.json: cameras[0].streams[0].codec: found nothing, but it is required; allowed: \"h264\", \"jpeg\"" },
  { SOURCE ("\"type\": \"test\", \"width\": 640"), "porthole.json: cameras[0].source.height: found nothing, but \"width\" needs it; allowed: both or neither" },
  { STREAM ("\"name\": \"a\", \"codec\": \"jpeg\", \"height\": 360"),
    "porthole.json: cameras[0].streams[0].width: found nothing, but \"height\" needs it; allowed: both or neither" },
  { SOURCE ("\"type\": \"rtsp\", \"url\": \"rtsp://h\", \"username\": \"u\""),
    "porthole.json: cameras[0].source.password_file: found nothing, but \"username\" needs it; allowed: both or neither" },
  { SOURCE ("\"type\": \"rtsp\", \"url\": \"rtsp://h\", \"password_file\": \"p\""),
    "porthole.json: cameras[0].source.username: found nothing, but \"password_file\" needs it; allowed: both or neither" },

  /* names */
  { "{ \"cameras\": [ { \"name\": \"Front Door\", " TEST_SOURCE " } ] }", "porthole.json: cameras[0].name: found \"Front Door\"; allowed: " CAMERA_NAME_RULE },
  { "{ \"cameras\": [ { \"name\": \"\", " TEST_SOURCE " } ] }", "porthole.json: cameras[0].name: found \"\"; allowed: " CAMERA_NAME_RULE },
  { "{ \"cameras\": [ { \"name\": \"..\", " TEST_SOURCE " } ] }", "porthole.json: cameras[0].name: found \"..\"; allowed: " CAMERA_NAME_RULE },
  { "{ \"cameras\": [ { \"name\": \"a\\n\", " TEST_SOURCE " } ] }", "porthole.json: cameras[0].name: found \"a\\u000a\"; allowed: " CAMERA_NAME_RULE },
  { "{ \"cameras\": [ { \"name\": \"api\", " TEST_SOURCE " }, { \"name\": \"reach\", " TEST_SOURCE " } ] }",
    "porthole.json: cameras[0].name: found \"api\"; allowed: " CAMERA_NAME_RULE "\n"
    "porthole.json: cameras[1].name: found \"reach\"; allowed: " CAMERA_NAME_RULE },
  { STREAM ("\"name\": \"Main\", \"codec\": \"h264\""), "porthole.json: cameras[0].streams[0].name: found \"Main\"; allowed: " NAME_RULE },
  { "{ \"cameras\": [ { \"name\": \"x\", " TEST_SOURCE " }, \"front.json\" ] }",
    "front.json: name: found \"x\", which is the name of a camera in porthole.json too; allowed: a name of its own",
    "{ \"name\": \"x\", " TEST_SOURCE " }" },
  { CAMERA (TEST_SOURCE ", \"streams\": [ { \"name\": \"a\", \"codec\": \"h264\" }, { \"name\": \"a\", \"codec\": \"jpeg\" } ]"),
    "porthole.json: cameras[0].streams[1].name: found \"a\" for a second stream; allowed: a name of its own" },

  /* what is secret stays so */
  { SOURCE ("\"type\": \"rtsp\", \"url\": \"rtsp://user:secret@10.0.0.9/\""), "porthole.json: cameras[0].source.url: found " HIDDEN "; allowed: " URL_RULE },
  { SOURCE ("\"type\": \"rtsp\", \"url\": \"rtsp://user@10.0.0.9/\""), "porthole.json: cameras[0].source.url: found " HIDDEN "; allowed: " URL_RULE },
  { SOURCE ("\"type\": \"rtsp\", \"url\": \"http://10.0.0.9/\""), "porthole.json: cameras[0].source.url: found " HIDDEN "; allowed: " URL_RULE },
  { SOURCE ("\"type\": \"rtsp\", \"url\": \"rtsp://h/a b\""), "porthole.json: cameras[0].source.url: found " HIDDEN "; allowed: " URL_RULE },
  { SOURCE ("\"type\": \"rtsp\", \"url\": \"rtsp://h/\\\" ! filesink\""), "porthole.json: cameras[0].source.url: found " HIDDEN "; allowed: " URL_RULE },
  { SOURCE ("\"type\": \"launch\", \"launch\": \"rtspsrc user-pw=secret\\n ! x\""),
    "porthole.json: cameras[0].source.launch: found " HIDDEN "; allowed: a text of 1 to 4000 characters" },
  { SOURCE ("\"type\": \"v4l2\", \"device\": \"/dev/video0 ! filesink\""),
    "porthole.json: cameras[0].source.device: found \"/dev/video0 ! filesink\"; allowed: the path of a device, like \"/dev/video0\"" },
  { SOURCE ("\"type\": \"v4l2\", \"device\": \"video0\""),
    "porthole.json: cameras[0].source.device: found \"video0\"; allowed: the path of a device, like \"/dev/video0\"" },

  /* between keys */
  { "{ \"cameras\": [ { \"name\": \"a\", \"source\": { \"type\": \"v4l2\" } },"
    " { \"name\": \"b\", \"source\": { \"type\": \"v4l2\", \"device\": \"/dev/../dev/video0\" } } ] }",
    "porthole.json: cameras[1].source.device: found /dev/video0, which camera \"a\" opens already; allowed: a device of its own" },
  { "{ \"cameras\": [ { \"name\": \"a\", \"source\": { \"type\": \"libcamera\" } }, { \"name\": \"b\", \"source\": { \"type\": \"libcamera\" } } ] }",
    "porthole.json: cameras[1].source.camera: found the first libcamera camera, which camera \"a\" opens already; allowed: a device of its own" },
  { STREAM ("\"name\": \"a\", \"codec\": \"h264\", \"width\": 641, \"height\": 361"),
    "porthole.json: cameras[0].streams[0].width: found 641; allowed: an even number, as h264 demands\n"
    "porthole.json: cameras[0].streams[0].height: found 361; allowed: an even number, as h264 demands" },
  { SOURCE ("\"type\": \"test\", \"width\": 641, \"height\": 360"),
    "porthole.json: cameras[0].source.width: found 641; allowed: an even number, as the h264 stream \"main\" has no size of its own" },
  { HTTP ("\"segment_duration\": 1, \"part_duration\": 1.5"), "porthole.json: http.part_duration: found 1.5; allowed: at most segment_duration, which is 1" },
  { "{ \"http\": { \"port\": 8554 } }", "porthole.json: rtsp.port: found 8554, which is http.port too; allowed: a port of its own" },
  { RTSP ("\"multicast_port\": 15001"), "porthole.json: rtsp.multicast_port: found 15001; allowed: an even number, as RTCP takes the next" },
  { RTSP ("\"multicast_address\": \"10.0.0.1\""), "porthole.json: rtsp.multicast_address: found \"10.0.0.1\"; allowed: a multicast address, or FIRST-LAST of one family" },
  { RTSP ("\"multicast_address\": \"239.0.0.9-239.0.0.1\""),
    "porthole.json: rtsp.multicast_address: found \"239.0.0.9-239.0.0.1\"; allowed: a multicast address, or FIRST-LAST of one family" },

  /* camera files */
  { "{ \"cameras\": [ \"nobody.json\" ] }",
    "porthole.json: cameras[0]: found \"nobody.json\", but there is no such file; allowed: an object, a file name, or a pattern of them" },
  { "{ \"cameras\": [ \"\" ] }", "porthole.json: cameras[0]: found \"\", but there is no such file; allowed: an object, a file name, or a pattern of them" },
  { "{ \"cameras\": [ \"folder\" ] }", "folder: is a directory; allowed: a file" },
  { "{ \"cameras\": [ \"fold*\" ] }", "folder: is a directory; allowed: a file" },
  { "{ \"cameras\": [ \"huge.json\" ] }", "huge.json: has more than 1024 KiB; allowed: at most 1024 KiB" },
  { "{ \"cameras\": [ \"/dev/null\" ] }", "/dev/null: is a device or pipe; allowed: a file" },
  { FRONT, "front.json: found a list of 0; allowed: an object", "[]" },
  { FRONT, "front.json: line 1, column 2: found the end of the file; allowed: a key in double quotes", "{" },
  { FRONT, "front.json: http: found an unknown key; allowed: name, title, source, streams, push, encoder, anonymous, linger", "{ \"name\": \"x\", " TEST_SOURCE ", \"http\": {} }" },
  { FRONT, "front.json: source.with: found an unknown key; allowed: type, width, height, framerate, pattern; did you mean \"width\"?",
    "{ \"name\": \"x\", \"source\": { \"type\": \"test\", \"with\": 640 } }" },

  /* all at once */
  { "{ \"rtps\": {}, \"cameras\": [ \"front.json\", { \"name\": \"y\" } ], \"http\": { \"port\": 0, \"listen\": null } }",
    "porthole.json: rtps: found an unknown key; allowed: " TOP_KEYS "; did you mean \"rtsp\"?\n"
    "front.json: name: found \"X\"; allowed: " CAMERA_NAME_RULE "\n"
    "front.json: source.type: found \"tset\"; allowed: \"libcamera\", \"v4l2\", \"rtsp\", \"file\", \"test\", \"launch\"; did you mean \"test\"?\n"
    "porthole.json: cameras[1].source: found nothing, but it is required; allowed: an object\n"
    "porthole.json: http.port: found 0; allowed: a whole number from 1 to 65535\n"
    "porthole.json: http.listen: found null; allowed: \"any\", \"loopback\" or an IP address",
    "{ \"name\": \"X\", \"source\": { \"type\": \"tset\" } }" },
};
/* clang-format on */

static char *
put (const char *folder, const char *name, const char *text)
{
  char *file = g_build_filename (folder, name, NULL);

  g_assert_true (g_file_set_contents (file, text, -1, NULL));
  return file;
}

static char *
join_problems (GPtrArray *problems, const char *folder)
{
  GString *text = g_string_new (NULL);
  g_autofree char *prefix = g_strconcat (folder, "/", NULL);

  for (guint i = 0; i < problems->len; i++)
    g_string_append_printf (
        text, "%s%s", i > 0 ? "\n" : "", (char *)g_ptr_array_index (problems, i));
  g_string_replace (text, prefix, "", 0);
  return g_string_free (text, FALSE);
}

static void
each_fault_has_its_sentence (void)
{
  g_autofree char *folder = g_dir_make_tmp ("porthole-XXXXXX", NULL);
  g_autofree char *directory = g_build_filename (folder, "folder", NULL);
  g_autofree char *spaces = g_strnfill (1024 * 1024 + 1, ' ');
  g_autofree char *huge = put (folder, "huge.json", spaces);

  g_mkdir (directory, 0700);
  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autofree char *file = put (folder, "porthole.json", rows[i].settings);
    g_autofree char *front =
        put (folder, "front.json", rows[i].front != NULL ? rows[i].front : "{}");
    g_autoptr (GPtrArray) problems = NULL;
    g_autoptr (GError) error = NULL;
    g_autofree char *found = NULL;

    g_assert_null (ph_config_load (file, &problems, &error));
    g_assert_error (error, PH_ERROR, PH_ERROR_SETTINGS);
    g_assert_cmpint (ph_error_to_exit_status (error), ==, EX_CONFIG);
    found = join_problems (problems, folder);
    if (strcmp (found, rows[i].expected) != 0)
      g_test_message ("row %" G_GSIZE_FORMAT ": %s", i, rows[i].settings);
    g_assert_cmpstr (found, ==, rows[i].expected);
    g_assert_null (strstr (found, "secret"));
    g_remove (front);
    g_remove (file);
  }
  g_remove (huge);
  g_rmdir (directory);
  g_rmdir (folder);
}

static void
a_file_that_is_not_there_is_a_fault (void)
{
  g_autoptr (GPtrArray) problems = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_null (ph_config_load ("/nonexistent/porthole.json", &problems, &error));
  g_assert_cmpstr (
      error->message, ==, "the settings in /nonexistent/porthole.json cannot be used: 1 problem");
  g_assert_cmpstr (g_ptr_array_index (problems, 0), ==,
      "/nonexistent/porthole.json: cannot be read: No such file or directory");
}

static void
a_camera_file_alone_is_checked_too (void)
{
  g_autofree char *folder = g_dir_make_tmp ("porthole-XXXXXX", NULL);
  g_autofree char *file = put (folder, "front.json", "{ \"name\": \"a\", \"source\": {} }");
  g_autoptr (GPtrArray) problems = NULL;
  g_autofree char *found = NULL;

  g_assert_null (ph_config_load_camera (file, &problems, NULL));
  found = join_problems (problems, folder);
  g_assert_cmpstr (found, ==,
      "front.json: source.type: found nothing, but it is required; allowed: \"libcamera\", "
      "\"v4l2\", \"rtsp\", \"file\", \"test\", \"launch\"");
  g_remove (file);
  g_rmdir (folder);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/config/problems/rows", each_fault_has_its_sentence);
  g_test_add_func ("/config/problems/missing", a_file_that_is_not_there_is_a_fault);
  g_test_add_func ("/config/problems/camera", a_camera_file_alone_is_checked_too);
  return g_test_run ();
}
