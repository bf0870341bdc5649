// SPDX-License-Identifier: LGPL-2.1-or-later
// Knows the card "From outside", for admins: how this place stands, what the doctor says of it, and
// the one-time address that proves it.

import { askJson, fetchJson, Poll } from './api.js';
import { setText } from './dom.js';
import { formatBytes } from './format.js';

const POLL_MS = 5000;
const POLL_RUNNING_MS = 500;

export class OutsideCard {
  #card;
  #poll = this.#makePoll(POLL_MS);
  #isFast = false;

  constructor(card) {
    this.#card = card;
    this.#part('check').addEventListener('click', () => this.#check());
  }

  /** Only for somebody who may see it. */
  start() {
    this.#card.hidden = false;
    this.#poll.start();
  }

  #part(name) {
    return this.#card.querySelector(`[data-part="${name}"]`);
  }

  #makePoll(intervalMs) {
    return new Poll({
      ask: fetchAll,
      intervalMs,
      onAnswer: (answers) => this.#show(answers),
      onError: (error) => setText(this.#part('verdict'), error.message),
    });
  }

  async #check() {
    this.#part('check').disabled = true;
    setText(this.#part('verdict'), 'Looking around …');
    await askJson('POST', 'api/v1/doctor')
      .catch((error) => setText(this.#part('verdict'), error.message));
    this.#pollFast(true);
  }

  /** Steps come one by one while the doctor is at work. */
  #pollFast(isFast) {
    this.#isFast = isFast;
    this.#poll.stop();
    this.#poll = this.#makePoll(isFast ? POLL_RUNNING_MS : POLL_MS);
    this.#poll.start();
  }

  #show({ remote, ddns, certificate, doctor, allowance }) {
    const visit = doctor.last_visit;
    this.#fact('name', ddns.names.map(({ hostname }) => hostname).join(', ') || 'none');
    const { ipv4 } = remote.public_address;
    this.#fact('address', ipv4.address ?? ipv4.said);
    this.#fact('mapping', describeMapping(remote.port_mapping));
    this.#fact('certificate', describeCertificate(certificate));
    this.#fact('visit', visit ? `${formatTime(visit.time)}, ${visit.address}` : 'none yet');
    this.#fact('ddns', describeNames(ddns.names));
    this.#fact('sent', describeSent(allowance));
    this.#warnOf(allowance);
    this.#showDoctor(doctor);
    if (this.#isFast && !doctor.running)
      this.#pollFast(false);
  }

  #warnOf({ state }) {
    const warning = this.#part('allowance');
    warning.hidden = state !== 'saving' && state !== 'exceeded';
    setText(warning, warning.hidden ? '' : `${state === 'saving' ? 'Most' : 'All'} of remote.allowance `
      + 'is spent: until the month ends, viewers outside get only the smallest stream of a camera.');
  }

  #fact(name, text) {
    setText(this.#part(name), text);
  }

  #showDoctor({ running, verdict, steps, reach }) {
    const button = this.#part('check');
    button.disabled = running;
    setText(this.#part('verdict'), running ? 'Looking around …'
      : verdict ? verdict.seen : 'Nobody has looked yet.');
    this.#part('verdict').dataset.state = running || !verdict ? 'none' : verdict.state;
    setText(this.#part('advice'), running || !verdict ? '' : adviceOf(verdict));
    this.#showSteps(steps);
    this.#showReach(reach);
  }

  #showSteps(steps) {
    const list = this.#part('steps');
    const key = JSON.stringify(steps);
    this.#part('details').hidden = steps.length === 0;
    if (list.dataset.key === key)
      return;
    list.dataset.key = key;
    list.replaceChildren(...steps.filter(({ name }) => name !== 'verdict').map(makeStep));
  }

  #showReach(reach) {
    const proof = this.#part('proof');
    const link = this.#part('reach');
    proof.hidden = reach === null;
    if (reach === null || link.textContent === reach.url)
      return;
    setText(link, reach.url);
    this.#part('code').replaceChildren(...(reach.qr ? [drawCode(reach.qr)] : []));
  }
}

async function fetchAll(signal) {
  const [remote, ddns, certificate, doctor, { allowance }] = await Promise.all(
    ['remote', 'ddns', 'certificate', 'doctor?wait=false', 'data-use']
      .map((name) => fetchJson(`api/v1/${name}`, signal)));
  return { remote, ddns, certificate, doctor, allowance };
}

function formatTime(time) {
  return new Date(time).toLocaleString();
}

function describeMapping({ ports, refused }) {
  const open = ports.find(({ state }) => state === 'open');
  if (open)
    return open.said;
  return refused ?? ports[0]?.said ?? 'the router is not asked';
}

function describeCertificate({ days_left: days, self_signed: isSelfSigned }) {
  if (days === undefined)
    return 'none';
  const kind = isSelfSigned ? 'self-signed, ' : '';
  return days < 0 ? `${kind}ended ${-days} days ago` : `${kind}${days} days left`;
}

function describeSent({ sent, bytes }) {
  return bytes === 0 ? formatBytes(sent)
    : `${formatBytes(sent)} of ${formatBytes(bytes)} (${Math.floor(sent / bytes * 100)} %)`;
}

function describeNames(names) {
  const records = names.flatMap(({ records: each }) => each);
  return records.map(describeRecord).join('; ') || 'not used';
}

function describeRecord({ answer, next_in_words: next, dns }) {
  const said = answer ?? next;
  return dns?.differs_since ? `${said}, but in DNS it is ${dns.addresses.join(', ') || 'nothing'}` : said;
}

function adviceOf({ advice, remedies }) {
  return remedies.length > 0 ? remedies.join(' ') : advice ?? '';
}

function makeStep({ title, state, seen, advice }) {
  const item = document.createElement('li');
  const word = document.createElement('span');
  word.className = 'step-state';
  word.dataset.state = state;
  word.textContent = state;
  item.append(word, ` ${title}: ${seen}${advice ? ` ${advice}` : ''}`);
  return item;
}

/** With the white margin of four units that readers want. */
function drawCode({ size, path }) {
  const template = document.getElementById('code-template');
  const svg = template.content.firstElementChild.cloneNode(true);
  const ground = svg.querySelector('rect');
  svg.setAttribute('viewBox', `-4 -4 ${size + 8} ${size + 8}`);
  for (const [name, value] of [['x', -4], ['y', -4], ['width', size + 8], ['height', size + 8]])
    ground.setAttribute(name, value);
  svg.querySelector('path').setAttribute('d', path);
  return svg;
}
