/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "main/password.h"

#include "access/hash.h"
#include "base/error.h"
#include "base/secret-file.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#define MAX_LINE 2048

static void
on_signal (int number)
{
}

/* A byte at a time, as what follows the line is not ours. mask: the signals that are blocked while
 * it waits; others end it, also when they came before. */
static gssize
read_byte (char *byte, const sigset_t *mask)
{
  struct pollfd input = { .fd = STDIN_FILENO, .events = POLLIN };

  return ppoll (&input, 1, NULL, mask) < 0 ? -1 : read (STDIN_FILENO, byte, 1);
}

static char *
read_line (const sigset_t *mask, GError **error)
{
  char line[MAX_LINE];
  gsize length = 0;
  gssize n = 0;
  char *text = NULL;

  while (length < sizeof line - 1 && (n = read_byte (line + length, mask)) == 1 &&
         line[length] != '\n')
    length++;
  line[length] = '\0';
  if (n < 0)
    g_set_error (error, PH_ERROR, PH_ERROR_USAGE, "no password was given: %s", g_strerror (errno));
  else if (length == sizeof line - 1)
    g_set_error_literal (error, PH_ERROR, PH_ERROR_USAGE, "the password is too long");
  else
    text = g_strndup (line, length > 0 && line[length - 1] == '\r' ? length - 1 : length);
  explicit_bzero (line, sizeof line);
  return text;
}

/* Ctrl-C ends the reading instead of the process, so that the terminal shows again what is typed.
 */
static char *
read_hidden_line (const char *prompt, GError **error)
{
  struct sigaction quiet = { .sa_handler = on_signal }, old_int, old_term;
  struct termios shown, hidden;
  sigset_t ending, mask;
  char *line;

  sigemptyset (&ending);
  sigaddset (&ending, SIGINT);
  sigaddset (&ending, SIGTERM);
  sigprocmask (SIG_BLOCK, &ending, &mask);
  tcgetattr (STDIN_FILENO, &shown);
  hidden = shown;
  hidden.c_lflag &= ~(tcflag_t)ECHO;
  sigaction (SIGINT, &quiet, &old_int);
  sigaction (SIGTERM, &quiet, &old_term);
  tcsetattr (STDIN_FILENO, TCSAFLUSH, &hidden);
  fputs (prompt, stderr);
  line = read_line (&mask, error);
  fputc ('\n', stderr);
  tcsetattr (STDIN_FILENO, TCSAFLUSH, &shown);
  sigprocmask (SIG_SETMASK, &mask, NULL);
  sigaction (SIGINT, &old_int, NULL);
  sigaction (SIGTERM, &old_term, NULL);
  return line;
}

static char *
ask_twice (const char *name, GError **error)
{
  g_autofree char *prompt = g_strdup_printf ("Password for %s: ", name);
  char *first = read_hidden_line (prompt, error);
  char *second = first != NULL ? read_hidden_line ("The same again: ", error) : NULL;
  gboolean is_same = second != NULL && ph_hash_is_equal_any (first, second);

  if (second != NULL && !is_same)
    g_set_error_literal (
        error, PH_ERROR, PH_ERROR_USAGE, "the two passwords differ; nothing was changed");
  ph_secret_free (second);
  if (is_same)
    return first;
  ph_secret_free (first);
  return NULL;
}

char *
ph_password_ask (const char *name, GError **error)
{
  return isatty (STDIN_FILENO) ? ask_twice (name, error) : read_line (NULL, error);
}
