/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "main/reload.h"

#include "config/watch.h"

#define SETTLE_MS 1000

typedef struct {
  PhReloadDone done;
  gpointer user_data;
} Request;

/* What the worker has read. */
typedef struct {
  char *file; /* nullable */
  PhConfig *config; /* nullable */
  PhUsers *users; /* nullable */
  GPtrArray *problems; /* element-type char * */
  GPtrArray *seen; /* the same */
} Reading;

struct _PhReload {
  PhRooms *rooms;
  char *file; /* nullable */
  PhReloadOwner owner;
  PhConfigWatch *watch;
  gboolean is_reading;
  GArray *asked; /* element-type Request: for a reading that has not begun */
  GArray *served; /* the same: of the one that is on its way */
  gboolean is_wanted; /* one more is to follow */
  gboolean is_closing;
};

static void
free_reading (gpointer data)
{
  Reading *reading = data;

  g_free (reading->file);
  g_clear_pointer (&reading->config, ph_config_unref);
  g_clear_pointer (&reading->users, ph_users_unref_any);
  g_ptr_array_unref (reading->problems);
  g_ptr_array_unref (reading->seen);
  g_free (reading);
}

static void
add_problems (Reading *reading, GPtrArray *problems)
{
  for (guint i = 0; problems != NULL && i < problems->len; i++)
    g_ptr_array_add (reading->problems, g_strdup (g_ptr_array_index (problems, i)));
}

static void
read_on_worker (GTask *task, gpointer source_object, gpointer task_data, GCancellable *cancellable)
{
  Reading *reading = task_data;
  PhFileView view = { .seen = reading->seen };
  g_autoptr (GPtrArray) config_problems = NULL;
  g_autoptr (GPtrArray) user_problems = NULL;

  reading->config = ph_config_load_view_on_worker (reading->file, &view, &config_problems, NULL);
  add_problems (reading, config_problems);
  if (reading->config != NULL)
    reading->users = ph_users_new (reading->config, &user_problems, NULL);
  add_problems (reading, user_problems);
  g_task_return_boolean (task, TRUE);
}

static void
say (GPtrArray *problems, const PhChanges *changes)
{
  g_autofree char *text = changes != NULL ? ph_changes_to_text (changes) : NULL;

  for (guint i = 0; i < problems->len; i++)
    g_warning ("%s", (char *)g_ptr_array_index (problems, i));
  if (text != NULL)
    g_message ("the settings were read anew: %s", text);
  else
    g_warning ("the settings were not taken: %u %s; those before stay in use", problems->len,
        problems->len == 1 ? "problem" : "problems");
}

/* Takes requests. */
static void
answer (GArray *requests, GPtrArray *problems, const PhChanges *changes)
{
  for (guint i = 0; i < requests->len; i++) {
    const Request *request = &g_array_index (requests, Request, i);

    if (request->done != NULL)
      request->done (problems, changes, request->user_data);
  }
  g_array_unref (requests);
}

static void
take (PhReload *self, Reading *reading)
{
  g_auto (PhChanges) changes = { 0 };
  g_autoptr (GError) error = NULL;
  gboolean is_taken = reading->problems->len == 0 && ph_rooms_apply (self->rooms, reading->config,
                                                         reading->users, &changes, &error);

  if (error != NULL)
    g_ptr_array_add (reading->problems, g_strdup (error->message));
  ph_config_watch_set_paths (self->watch, reading->seen);
  say (reading->problems, is_taken ? &changes : NULL);
  answer (g_steal_pointer (&self->served), reading->problems, is_taken ? &changes : NULL);
  self->owner.finished (reading->problems, is_taken ? &changes : NULL, self->owner.owner);
}

static void start (PhReload *self);

static void
on_read (GObject *source, GAsyncResult *result, gpointer user_data)
{
  PhReload *self = user_data;
  Reading *reading = g_task_get_task_data (G_TASK (result));

  self->is_reading = FALSE;
  if (self->is_closing)
    return;
  take (self, reading);
  if (self->is_wanted && !self->is_reading)
    start (self);
}

static void
start (PhReload *self)
{
  g_autoptr (GTask) task = g_task_new (NULL, NULL, on_read, self);
  Reading *reading = g_new0 (Reading, 1);

  self->owner.started (self->owner.owner);
  self->is_reading = TRUE;
  self->is_wanted = FALSE;
  self->served = self->asked;
  self->asked = g_array_new (FALSE, FALSE, sizeof (Request));
  reading->file = g_strdup (self->file);
  reading->problems = g_ptr_array_new_with_free_func (g_free);
  reading->seen = g_ptr_array_new_with_free_func (g_free);
  g_task_set_source_tag (task, start);
  g_task_set_task_data (task, reading, free_reading);
  g_task_run_in_thread (task, read_on_worker);
}

void
ph_reload_request (PhReload *self, PhReloadDone done, gpointer user_data)
{
  Request request = { done, user_data };

  g_array_append_val (self->asked, request);
  self->is_wanted = TRUE;
  if (!self->is_reading)
    start (self);
}

static void
on_files_changed (gpointer user_data)
{
  ph_reload_request (user_data, NULL, NULL);
}

PhReload *
ph_reload_new (PhRooms *rooms, const char *file, GPtrArray *seen, const PhReloadOwner *owner)
{
  PhReload *self = g_new0 (PhReload, 1);

  self->rooms = rooms;
  self->file = g_strdup (file);
  self->owner = *owner;
  self->asked = g_array_new (FALSE, FALSE, sizeof (Request));
  self->watch = ph_config_watch_new (SETTLE_MS, on_files_changed, self);
  ph_config_watch_set_paths (self->watch, seen);
  return self;
}

void
ph_reload_free (PhReload *self)
{
  g_autoptr (GPtrArray) problems = g_ptr_array_new ();

  self->is_closing = TRUE;
  while (self->is_reading)
    g_main_context_iteration (NULL, TRUE);
  g_ptr_array_add (problems, (char *)"Porthole is being stopped");
  if (self->served != NULL)
    answer (g_steal_pointer (&self->served), problems, NULL);
  answer (self->asked, problems, NULL);
  ph_config_watch_free (self->watch);
  g_free (self->file);
  g_free (self);
}
