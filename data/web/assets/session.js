// SPDX-License-Identifier: LGPL-2.1-or-later
// Knows whether somebody is logged in, and offers to log out, or in; warns while nobody need be.

import { fetchSession } from './api.js';

/** Gives whether it is an admin. */
export async function showSession() {
  const session = await fetchSession().catch(() => ({}));
  document.getElementById('log-out').hidden = session.log_out !== true;
  document.getElementById('log-in').hidden = session.log_in !== true;
  document.getElementById('saving').hidden = session.saving !== true;
  document.getElementById('anonymous').hidden = session.anonymous !== true;
  return session.admin === true;
}
