/* global document, navigator, window, fetch, DOMParser, history, FormData, URLSearchParams, location */
// What a little script adds to pages that work without it: lists that filter as you type, switches that do not reload,
// questions in a dialog, times in the viewer's zone, and help with passwords.

const texts = JSON.parse(document.currentScript.dataset.texts);
const language = document.documentElement.lang;
/** With the region that the browser asks for, where it asks for this language. */
const locale = navigator.languages.find((one) => one.split('-')[0] === language) ?? language;
const typingPauseMs = 180;
const waiting = new WeakMap();

enhance(document);
// On a narrow screen the tabs are scrolled; the page that is open should be seen among them.
document.querySelector('.tabs [aria-current]')?.scrollIntoView({ block: 'nearest', inline: 'center' });
document.addEventListener('submit', onSubmit);
document.addEventListener('input', onInput);
document.addEventListener('change', (event) => {
  const form = event.target.form;
  if (event.target.tagName === 'SELECT' && form?.dataset.live !== undefined) refreshList(form);
});

function enhance(root) {
  for (const time of root.querySelectorAll('time[datetime]')) localTime(time);
  for (const input of root.querySelectorAll('input[data-reveal]')) addReveal(input);
  for (const input of root.querySelectorAll('input[data-strength]')) addStrength(input);
  for (const head of root.querySelectorAll('thead .pick')) addChooseAll(head);
}

function localTime(time) {
  const at = new Date(time.dateTime);
  const today = new Date().toDateString() === at.toDateString();
  const short = today ? { timeStyle: 'short' } : { dateStyle: 'medium' };
  time.textContent = new Intl.DateTimeFormat(locale, short).format(at);
  time.title = new Intl.DateTimeFormat(locale, { dateStyle: 'full', timeStyle: 'long' }).format(at);
}

/* Lists */

function onInput(event) {
  const form = event.target.form;
  if (event.target.type !== 'search' || form?.dataset.live === undefined) return;
  window.clearTimeout(waiting.get(form));
  waiting.set(form, window.setTimeout(() => refreshList(form), typingPauseMs));
}

let latestList = 0;

async function refreshList(form) {
  const mine = ++latestList;
  const query = new URLSearchParams(new FormData(form));
  for (const [name, value] of [...query]) if (value === '' || (name === 'status' && value === 'current')) query.delete(name);
  const url = query.size > 0 ? `${form.getAttribute('action')}?${query}` : form.getAttribute('action');
  const results = document.querySelector(form.dataset.live);
  results.classList.add('busy');
  const fresh = await fetchPage(url).catch(() => undefined);
  if (mine !== latestList) return;
  const replacement = fresh?.page.querySelector(form.dataset.live);
  // A page without the list is another one, such as the login form: go there.
  if (!replacement) return location.assign(url);
  results.replaceWith(replacement);
  enhance(replacement);
  history.replaceState(null, '', url);
}

async function fetchPage(url, options) {
  const response = await fetch(url, { ...options, headers: { Accept: 'text/html' } });
  return { response, page: new DOMParser().parseFromString(await response.text(), 'text/html') };
}

/* Forms: ask first, then switch in place */

function onSubmit(event) {
  const form = event.target;
  if (form.dataset.confirm !== undefined && form.dataset.confirmed === undefined) {
    event.preventDefault();
    ask(form);
    return;
  }
  if (form.dataset.inline !== undefined) {
    event.preventDefault();
    switchInPlace(form);
  }
}

function ask(form) {
  const dialog = document.createElement('dialog');
  const text = document.createElement('p');
  text.textContent = form.dataset.confirm;
  text.id = 'dialog-text';
  dialog.setAttribute('aria-labelledby', text.id);
  const buttons = document.createElement('div');
  buttons.className = 'buttons';
  const yes = makeButton(form.dataset.confirmText ?? texts.yes, 'danger', () => {
    dialog.close();
    const confirmed = document.createElement('input');
    Object.assign(confirmed, { type: 'hidden', name: 'confirmed', value: 'yes' });
    form.append(confirmed);
    form.dataset.confirmed = '';
    form.requestSubmit();
  });
  const no = makeButton(texts.cancel, 'quiet', () => dialog.close());
  buttons.append(yes, no);
  dialog.append(text, buttons);
  dialog.addEventListener('close', () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
  no.focus();
}

function makeButton(text, kind, onClick) {
  const button = document.createElement('button');
  button.type = 'button';
  button.className = kind;
  button.textContent = text;
  button.addEventListener('click', onClick);
  return button;
}

async function switchInPlace(form) {
  const button = form.querySelector('button');
  form.classList.add('busy');
  const body = new URLSearchParams(new FormData(form));
  const fresh = await fetchPage(form.action, { method: 'POST', body }).catch(() => undefined);
  const content = fresh?.page.querySelector('#content');
  if (!content || !fresh.response.redirected) {
    // A question, an error or the login form: the browser shows it as if there were no script.
    delete form.dataset.inline;
    form.dataset.confirmed = '';
    form.requestSubmit();
    return;
  }
  const place = { left: window.scrollX, top: window.scrollY };
  document.querySelector('#content').replaceWith(content);
  enhance(content);
  window.scrollTo(place);
  document.getElementById(button.id)?.focus({ preventScroll: true });
  announce(content.querySelector('#messages'));
}

/** A live region only speaks of what changes in it. */
function announce(region) {
  const texts = [...region.childNodes];
  region.replaceChildren();
  window.requestAnimationFrame(() => region.replaceChildren(...texts));
}

function addChooseAll(head) {
  const boxes = () => head.closest('table').querySelectorAll('tbody .pick input');
  if (boxes().length < 2) return;
  const all = document.createElement('input');
  all.type = 'checkbox';
  all.setAttribute('aria-label', texts.selectAll);
  all.addEventListener('change', () => {
    for (const box of boxes()) box.checked = all.checked;
  });
  head.replaceChildren(all);
}

/* Passwords */

function addReveal(input) {
  const button = makeButton(texts.show, 'quiet reveal', () => {
    const shown = input.type === 'text';
    input.type = shown ? 'password' : 'text';
    button.textContent = shown ? texts.show : texts.hide;
    button.setAttribute('aria-pressed', String(!shown));
    input.focus();
  });
  const label = document.querySelector(`label[for="${input.id}"]`)?.firstChild?.textContent ?? 'password';
  button.setAttribute('aria-label', texts.showField.replace('{label}', label));
  button.setAttribute('aria-pressed', 'false');
  input.after(button);
  // Browsers remember and offer passwords only where the field is one when it is sent.
  input.form?.addEventListener('submit', () => {
    input.type = 'password';
  });
}

function addStrength(input) {
  const meter = document.createElement('progress');
  meter.className = 'strength';
  meter.max = 4;
  meter.value = 0;
  meter.setAttribute('aria-hidden', 'true');
  const text = document.createElement('p');
  text.className = 'hint strength-text';
  text.setAttribute('role', 'status');
  input.closest('.field').append(meter, text);
  input.addEventListener('input', () => {
    const { score, words } = strengthOf(input.value, input.minLength);
    meter.value = score;
    text.textContent = words;
  });
}

/** A hint, not a rule: how many guesses the mixture and the length would cost, roughly. */
function strengthOf(password, lengthMin) {
  if (password === '') return { score: 0, words: '' };
  if (password.length < lengthMin) return { score: 0, words: texts.tooShort.replace('{count}', lengthMin - password.length) };
  const kinds = [/\p{Ll}/u, /\p{Lu}/u, /\d/, /[^\p{L}\d]/u].filter((kind) => kind.test(password)).length;
  const variety = new Set(password.toLowerCase()).size;
  const bits = Math.min(password.length, variety * 2) * (2 + kinds);
  if (/^(.)\1+$/.test(password) || /^(password|passwort|12345678|qwert|letmein|welcome)/i.test(password)) {
    return { score: 1, words: texts.known };
  }
  if (bits < 40) return { score: 1, words: texts.weak };
  if (bits < 60) return { score: 2, words: texts.fair };
  if (bits < 80) return { score: 3, words: texts.good };
  return { score: 4, words: texts.veryGood };
}
