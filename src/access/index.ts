// The door of access: credentials, scopes, limits, and why somebody was refused.

export { type CredentialJson, credentialAsJson } from './as-json.ts';
export { type AccessOptions, type AccessSettings, type OpenAccess, openAccess } from './open.ts';
export * from './port.ts';
export { parseWanted, problemsOf, wantedCredential } from './wanted.ts';
