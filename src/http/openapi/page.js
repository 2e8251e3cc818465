// The page at /openapi, in the browser: shows openapi.json, and sends the GETs that are tried. All of it is written as text, never
// as HTML: an answer may hold anything.

/** Where this store is, also below a path of a proxy. */
const root = new URL('.', document.baseURI);
const credential = document.getElementById('credential');
const operations = document.getElementById('operations');

credential.addEventListener('submit', (event) => event.preventDefault());

try {
  const answer = await fetch(new URL('openapi.json', root));
  if (!answer.ok) throw new Error(`openapi.json: ${answer.status}`);
  show(await answer.json());
} catch (error) {
  operations.replaceChildren(element('p', `The description could not be loaded: ${error.message}`));
}

function show(description) {
  const about = element('p', ...said(description.info.description));
  document.getElementById('about').before(about);
  const parts = [];
  for (const { name, description: meaning } of description.tags) {
    parts.push(element('h2', `/${name}`), element('p', ...said(meaning)));
    for (const [path, methods] of Object.entries(description.paths)) {
      for (const [method, operation] of Object.entries(methods)) {
        if (operation.tags[0] === name) parts.push(shown(path, method, operation));
      }
    }
  }
  parts.push(element('h2', 'Schemas'));
  for (const [name, schema] of Object.entries(description.components.schemas)) {
    const details = element('details', element('summary', element('code', name), ` ${schema.description ?? ''}`));
    details.id = `schema-${name}`;
    details.append(members(schema));
    parts.push(details);
  }
  operations.replaceChildren(...parts);
  openNamed();
  addEventListener('hashchange', openNamed);
}

/** A link to a schema opens it. */
function openNamed() {
  const named = location.hash && document.getElementById(location.hash.slice(1));
  if (!named) return;
  named.open = true;
  named.scrollIntoView();
}

function shown(path, method, operation) {
  const details = element(
    'details',
    element('summary', element('code', `${method.toUpperCase()} ${path}`), ` ${operation.summary}`),
  );
  details.id = operation.operationId;
  for (const text of (operation.description ?? '').split('\n\n')) if (text) details.append(element('p', ...said(text)));
  const { parameters = [], requestBody, responses } = operation;
  if (parameters.length > 0) {
    details.append(
      element('h3', 'Parameters'),
      table(
        ['name', 'in', 'type', 'meaning'],
        parameters.map((one) => [
          element('code', one.name, one.required ? ' *' : ''),
          one.in,
          typeOf(one.schema),
          element('span', ...said(one.description)),
        ]),
      ),
    );
  }
  if (requestBody) details.append(element('h3', 'Body'), ...contents(requestBody.content));
  for (const [status, response] of Object.entries(responses)) {
    if (response.$ref) continue;
    details.append(element('h3', `${status} ${response.description}`), ...contents(response.content ?? {}));
  }
  const refusals = Object.keys(responses).filter((status) => responses[status].$ref);
  if (refusals.length > 0) {
    details.append(element('p', `Refusals: ${refusals.join(', ')}, each a `, link('Problem'), '.'));
  }
  if (method === 'get') details.append(element('h3', 'Try it'), trying(path, parameters));
  return details;
}

function contents(content) {
  return Object.entries(content).flatMap(([type, { schema }]) => [
    element('p', element('code', type), schema.description ? ` ${schema.description}` : ''),
    ...(type === 'application/json' ? [members(schema)] : []),
  ]);
}

/** The members of an object as a table; of anything else, its type. */
function members(schema) {
  const alternatives = schema.anyOf ?? schema.oneOf;
  if (alternatives) {
    return element(
      'div',
      ...alternatives.flatMap((one, i) => (i === 0 ? [members(one)] : [element('p', 'or'), members(one)])),
    );
  }
  if (!schema.properties) return element('p', typeOf(schema));
  return table(
    ['member', 'type', 'meaning'],
    Object.entries(schema.properties).map(([name, member]) => [
      element('code', name, schema.required?.includes(name) ? '' : '?'),
      typeOf(member),
      element('span', ...said(member.description)),
    ]),
  );
}

/** In a few words, with links to the schemas that have a name. */
function typeOf(schema) {
  if (schema.$ref) return link(schema.$ref.split('/').at(-1));
  const alternatives = schema.anyOf ?? schema.oneOf;
  if (alternatives) return joined(alternatives.map(typeOf), ' or ');
  if (schema.enum) return element('span', schema.enum.join(' | '));
  if (schema.const !== undefined) return element('span', JSON.stringify(schema.const));
  if (schema.type === 'array') return element('span', 'list of ', typeOf(schema.items ?? {}));
  if (schema.properties) return members(schema);
  const types = [schema.type ?? 'anything'].flat().join(' or ');
  const limits = [
    schema.format,
    schema.minimum !== undefined && `from ${schema.minimum}`,
    schema.maximum !== undefined && `to ${schema.maximum}`,
    schema.examples && `such as ${schema.examples.join(', ')}`,
  ].filter(Boolean);
  return element('span', limits.length > 0 ? `${types}, ${limits.join(', ')}` : types);
}

function trying(path, parameters) {
  const form = element('form');
  for (const { name, in: where, required } of parameters) {
    const input = element('input');
    input.name = `${where}:${name}`;
    input.required = required;
    form.append(element('label', name, input));
  }
  const button = element('button', 'Send GET');
  const outcome = element('p');
  outcome.setAttribute('role', 'status');
  const body = element('pre');
  body.tabIndex = 0;
  body.hidden = true;
  form.append(button);
  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    button.disabled = true;
    try {
      const url = urlOf(path, new FormData(form));
      const answer = await fetch(url, { headers: headers(), credentials: 'omit' });
      const type = answer.headers.get('content-type') ?? '';
      const text = await answer.text();
      const sequence = answer.headers.get('x-pramaan-sequence');
      outcome.textContent = `${answer.status} ${type}${sequence === null ? '' : ` · sequence ${sequence}`} · ${decodeURI(url.pathname)}${url.search}`;
      body.textContent = /[/+]json\b/.test(type) ? JSON.stringify(JSON.parse(text), undefined, 2) : text;
      body.hidden = text === '';
    } catch (error) {
      outcome.textContent = `No answer: ${error.message}`;
      body.hidden = true;
    } finally {
      button.disabled = false;
    }
  });
  return element('div', form, outcome, body);
}

function urlOf(path, given) {
  let filled = path;
  const query = new URLSearchParams();
  for (const [field, value] of given) {
    const [, where, name] = /^(path|query):(.*)$/.exec(field);
    if (where === 'path') filled = filled.replace(`{${name}}`, encodeURIComponent(value));
    else if (value !== '') query.set(name, value);
  }
  const url = new URL(filled.slice(1), root);
  url.search = query.toString();
  return url;
}

function headers() {
  const { key, secret } = Object.fromEntries(new FormData(credential));
  if (!key) return {};
  const bytes = new TextEncoder().encode(`${key}:${secret}`);
  return { Authorization: `Basic ${btoa(String.fromCharCode(...bytes))}` };
}

/** What stands between backticks is code. */
function said(text = '') {
  return text.split('`').map((part, i) => (i % 2 === 1 ? element('code', part) : part));
}

function table(titles, rows) {
  const head = element('tr', ...titles.map((title) => element('th', title)));
  const body = rows.map((cells) => element('tr', ...cells.map((cell) => element('td', cell))));
  const whole = element('div', element('table', element('thead', head), element('tbody', ...body)));
  whole.className = 'scroll';
  return whole;
}

function link(name) {
  const anchor = element('a', name);
  anchor.href = `#schema-${name}`;
  return anchor;
}

function joined(parts, between) {
  return element('span', ...parts.flatMap((part, i) => (i === 0 ? [part] : [between, part])));
}

function element(name, ...content) {
  const made = document.createElement(name);
  made.append(...content);
  return made;
}
