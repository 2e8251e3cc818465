// How a command ends when it cannot do what it was asked: one paragraph for a person, and an exit code.

/** Said as it is, without a stack. Exit code 1: it could not be done; 2: it was asked for wrongly. */
export class CommandFailed extends Error {
  override readonly name = 'CommandFailed';
  readonly exitCode: number;
  constructor(message: string, exitCode: 1 | 2 = 1, options?: ErrorOptions) {
    super(message, options);
    this.exitCode = exitCode;
  }
}

/** Known by name: their modules are not loaded for it. */
const SAID_IN_WORDS: ReadonlySet<string> = new Set(['IndexDiffersFromLog', 'CopyDiffersFromServer']);

/** What the operator is told about any error, and the exit code that goes with it. */
export async function inWords(error: unknown): Promise<{ readonly message: string; readonly exitCode: number }> {
  if (error instanceof CommandFailed) return { message: error.message, exitCode: error.exitCode };
  const { WrongSetting } = await import('../settings.ts');
  if (error instanceof WrongSetting) {
    return { message: `Wrong settings:\n${indented(error.message)}\nThe README lists every setting.`, exitCode: 2 };
  }
  const { LogRefused, LogUnavailable } = await import('../event-log/port.ts');
  if (error instanceof LogRefused || error instanceof LogUnavailable) return { message: error.message, exitCode: 1 };
  if (error instanceof Error && SAID_IN_WORDS.has(error.name)) return { message: error.message, exitCode: 1 };
  const system = error as NodeJS.ErrnoException & { address?: string; port?: number };
  const place = system.port === undefined ? '' : ` ${system.address ?? ''}:${system.port}`;
  switch (system?.code) {
    case 'EADDRINUSE':
      return {
        message: `The address${place} is taken by another program. Stop that one, or choose another port: PRAMAAN_PORT=8081 (0 takes a free one).`,
        exitCode: 1,
      };
    case 'EADDRNOTAVAIL':
      return { message: `The address${place} is not one of this machine's. Check PRAMAAN_HOST.`, exitCode: 1 };
    case 'EACCES':
    case 'EPERM':
      return system.syscall === 'listen'
        ? { message: `Listening on${place} is not allowed to this user. Choose a port above 1023.`, exitCode: 1 }
        : { message: `No permission for ${system.path ?? 'a file'}: ${system.message}.`, exitCode: 1 };
    case 'ENOENT':
      return { message: `There is no ${system.path ?? 'such file'}.`, exitCode: 1 };
    case 'ENOSPC':
      return { message: `The disk is full: ${system.message}.`, exitCode: 1 };
    case 'EROFS':
      return { message: `The disk is read-only: ${system.message}.`, exitCode: 1 };
  }
  const message = error instanceof Error ? error.message : String(error);
  return { message: `${message}\nPRAMAAN_LOG_LEVEL=debug shows where this came from.`, exitCode: 1 };
}

function indented(text: string): string {
  return text.replaceAll(/^/gm, '  ');
}
