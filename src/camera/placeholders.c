/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "camera/placeholders.h"

#include "camera/branch.h"

/* Of a feed that nobody knows the size of yet. */
#define DEFAULT_WIDTH 640
#define DEFAULT_HEIGHT 360

/* What a feed's placeholder is made with. */
typedef struct {
  PhPlaceholders *owner;
  guint index;
  PhFeed *feed; /* unowned */
  PhEncoderWish wish; /* width, height 0: not known */
  const PhEncoder *encoder; /* the camera's own; NULL: JPEG, or passed through */
  guint n_tried; /* encoders that failed since the camera was lost */
  gboolean is_wanted;
  PhPlaceholder *shown; /* nullable */
} Slot;

struct _PhPlaceholders {
  const PhCameraConfig *config;
  GArray *slots; /* element-type Slot, one for each feed */
  char *words; /* nullable: not shown */
  gboolean is_let_go; /* the camera's source is back; its streams need not be */
  gint64 since; /* seconds since 1970 at which the camera was lost */
  gboolean has_failed;
};

static Slot *
get_slot (PhPlaceholders *self, guint index)
{
  return &g_array_index (self->slots, Slot, index);
}

PhPlaceholders *
ph_placeholders_new (const PhCameraConfig *config, GPtrArray *feeds)
{
  PhPlaceholders *self = g_new0 (PhPlaceholders, 1);

  self->config = config;
  self->slots = g_array_new (FALSE, TRUE, sizeof (Slot));
  for (guint i = 0; i < feeds->len; i++) {
    Slot slot = { .owner = self, .index = i, .feed = g_ptr_array_index (feeds, i) };
    const PhSourcePlan unknown = { 0 };

    ph_branch_fill_wish (g_ptr_array_index (config->streams, i), &unknown, &slot.wish);
    g_array_append_val (self->slots, slot);
  }
  return self;
}

void
ph_placeholders_free (PhPlaceholders *self)
{
  ph_placeholders_hide (self);
  g_array_unref (self->slots);
  g_free (self);
}

void
ph_placeholders_learn (PhPlaceholders *self, const PhPlan *plan)
{
  for (guint i = 0; i < self->slots->len; i++) {
    const PhBranchPlan *branch = g_ptr_array_index (plan->branches, i);
    Slot *slot = get_slot (self, i);

    ph_branch_fill_wish (g_ptr_array_index (self->config->streams, i), &plan->source, &slot->wish);
    slot->encoder = branch->encoder != NULL ? ph_encoder_find (branch->encoder) : NULL;
  }
}

/* ---- one feed -------------------------------------------------------------------------------- */

/* What the feed carried last is what its viewers are set up for. */
static void
take_size_from_feed (PhFeed *feed, PhEncoderWish *wish)
{
  g_autoptr (GstCaps) caps = ph_feed_dup_caps_any (feed);
  const GstStructure *structure = caps != NULL ? gst_caps_get_structure (caps, 0) : NULL;
  int width, height, n, d;

  if (structure == NULL)
    return;
  if (gst_structure_get_int (structure, "width", &width) &&
      gst_structure_get_int (structure, "height", &height) && width > 0 && height > 0) {
    wish->width = width;
    wish->height = height;
  }
  if (gst_structure_get_fraction (structure, "framerate", &n, &d) && n > 0 && d > 0)
    wish->framerate = (double)n / d;
}

/* The camera's own encoder first, unless that is hardware: it may be the very reason why the camera
 * is lost, and its driver may hang. NULL: all were tried. */
static const PhEncoder *
try_next_encoder (Slot *slot)
{
  const PhEncoder *own = slot->encoder;
  guint n = 0;

  if (own != NULL && own->is_software && n++ == slot->n_tried)
    return own;
  for (const PhEncoder *row = ph_encoder_get_table (); row->factory != NULL; row++)
    if (row->is_software && row != own && n++ == slot->n_tried)
      return row;
  return own != NULL && !own->is_software && n == slot->n_tried ? own : NULL;
}

static void show_slot (Slot *slot);

/* By the time it is known here the camera may be lost again. */
static void
on_ended (PhPlaceholder *placeholder, gpointer owner)
{
  Slot *slot = owner;

  g_clear_pointer (&slot->shown, ph_placeholder_free);
  slot->n_tried = 0;
  if (!slot->owner->is_let_go)
    show_slot (slot);
}

static void
on_failed (PhPlaceholder *placeholder, const char *reason, gpointer owner)
{
  Slot *slot = owner;

  g_message ("%s: no placeholder for stream %s by %s: %s", slot->owner->config->name,
      ph_feed_get_name_any (slot->feed),
      try_next_encoder (slot) != NULL ? try_next_encoder (slot)->factory : "jpegenc", reason);
  g_clear_pointer (&slot->shown, ph_placeholder_free);
  slot->n_tried++;
  show_slot (slot);
}

static gboolean
try_show (Slot *slot, const PhPlaceholderFormat *format)
{
  PhPlaceholderOwner owner = { on_ended, on_failed, slot };
  g_autoptr (GError) error = NULL;

  slot->shown = ph_placeholder_new (slot->feed, format, slot->owner->words, &owner, &error);
  if (slot->shown == NULL)
    g_debug ("%s: %s", slot->owner->config->name, error->message);
  return slot->shown != NULL;
}

static gboolean
try_show_jpeg (Slot *slot, PhPlaceholderFormat *format)
{
  const PhStreamConfig *stream = g_ptr_array_index (slot->owner->config->streams, slot->index);

  format->quality = stream->quality;
  return slot->n_tried == 0 && try_show (slot, format);
}

static gboolean
try_show_h264 (Slot *slot, PhPlaceholderFormat *format)
{
  while ((format->encoder = try_next_encoder (slot)) != NULL) {
    if (try_show (slot, format))
      return TRUE;
    slot->n_tried++;
  }
  return FALSE;
}

static void
show_slot (Slot *slot)
{
  PhPlaceholderFormat format = { .wish = slot->wish };
  gboolean is_shown;

  if (slot->owner->words == NULL || slot->shown != NULL || !slot->is_wanted)
    return;
  take_size_from_feed (slot->feed, &format.wish);
  if (format.wish.width == 0 || format.wish.height == 0) {
    format.wish.width = DEFAULT_WIDTH;
    format.wish.height = DEFAULT_HEIGHT;
  }
  is_shown = ph_feed_get_codec_any (slot->feed) == PH_CODEC_JPEG ? try_show_jpeg (slot, &format)
                                                                 : try_show_h264 (slot, &format);
  slot->owner->has_failed |= !is_shown;
}

/* ---- all of them ----------------------------------------------------------------------------- */

/* Titles and reasons are what people and cameras wrote: escaped. */
static char *
make_words (PhPlaceholders *self, const char *reason)
{
  g_autoptr (GDateTime) since = g_date_time_new_from_unix_local (self->since);
  g_autofree char *time = g_date_time_format (since, "%Y-%m-%d %H:%M:%S");
  g_autofree char *whole_reason = g_utf8_make_valid (reason, -1);

  return g_markup_printf_escaped ("<span size=\"large\" weight=\"bold\">%s</span>\n"
                                  "no picture since %s\n\n"
                                  "<span size=\"small\">%s</span>",
      self->config->title, time, whole_reason);
}

void
ph_placeholders_show (PhPlaceholders *self, const char *reason)
{
  if (self->words == NULL || self->is_let_go)
    self->since = g_get_real_time () / G_USEC_PER_SEC;
  self->is_let_go = FALSE;
  g_free (self->words);
  self->words = make_words (self, reason);
  for (guint i = 0; i < self->slots->len; i++) {
    Slot *slot = get_slot (self, i);

    if (slot->shown != NULL)
      ph_placeholder_set_words (slot->shown, self->words);
    else
      show_slot (slot);
  }
}

void
ph_placeholders_let_go (PhPlaceholders *self)
{
  self->is_let_go = TRUE;
  self->has_failed = FALSE;
}

void
ph_placeholders_hide (PhPlaceholders *self)
{
  ph_placeholders_let_go (self);
  g_clear_pointer (&self->words, g_free);
  for (guint i = 0; i < self->slots->len; i++) {
    g_clear_pointer (&get_slot (self, i)->shown, ph_placeholder_free);
    get_slot (self, i)->n_tried = 0;
  }
}

void
ph_placeholders_set_wanted (PhPlaceholders *self, guint index, gboolean is_wanted)
{
  Slot *slot = get_slot (self, index);

  slot->is_wanted = is_wanted;
  if (is_wanted && !self->is_let_go)
    show_slot (slot);
  else if (!is_wanted)
    g_clear_pointer (&slot->shown, ph_placeholder_free);
}

gboolean
ph_placeholders_are_shown (PhPlaceholders *self)
{
  return self->words != NULL && !self->is_let_go && !self->has_failed;
}
