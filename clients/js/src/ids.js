// Ids and references are strings to the server. Databases count: an integer is taken wherever one of them is.

/** The id as it is sent; what is no id stays as it is, for the server to refuse. */
export function asId(value) {
  return typeof value === 'bigint' || Number.isSafeInteger(value) ? String(value) : value;
}

/** An id in a path. URLs lose a segment of one or two dots, however it is written. */
export function segment(value) {
  const id = asId(value);
  if (typeof id !== 'string' || id === '' || id === '.' || id === '..') {
    throw new TypeError(`'${id}' cannot be sent as an id`);
  }
  return encodeURIComponent(id);
}

/** A field of a request as it is sent. */
export function withIds(name, value) {
  if (/^id$|_id$|_ref$/.test(name)) return asId(value);
  return name === 'members' && Array.isArray(value) ? value.map(asId) : value;
}
