/** Makes the overlays of a database from its configuration. */
import type { OverlaySettings } from '../../config/overlays/settings.js';
import type { Database } from '../database.js';
import type { DirectoryEnvironment } from '../environment.js';
import { AuditlogOverlay } from './auditlog/auditlog.js';
import { ConstraintOverlay } from './constraint.js';
import { DerefOverlay } from './deref.js';
import { DynlistOverlay } from './dynlist.js';
import { MemberofOverlay } from './memberof.js';
import type { Overlay } from './overlay.js';
import { PpolicyOverlay } from './ppolicy/ppolicy.js';
import { RefintOverlay } from './refint.js';
import { UniqueOverlay } from './unique.js';
import { ValsortOverlay } from './valsort.js';

export function createOverlays(directory: DirectoryEnvironment, database: Database): readonly Overlay[] {
  return database.config.overlays.flatMap((settings) => create(directory, database, settings) ?? []);
}

function create(directory: DirectoryEnvironment, database: Database, settings: OverlaySettings): Overlay | undefined {
  switch (settings.kind) {
    case 'deref':
      return new DerefOverlay();
    case 'auditlog':
      return new AuditlogOverlay(database, settings);
    case 'dynlist':
      return new DynlistOverlay(database, settings);
    // They change no entry: compares and searches look for them.
    case 'sssvlv':
    case 'dyngroup':
      return undefined;
    case 'valsort':
      return new ValsortOverlay(settings);
    case 'constraint':
      return new ConstraintOverlay(directory, database, settings);
    case 'memberof':
      return new MemberofOverlay(directory, database, settings);
    case 'unique':
      return new UniqueOverlay(database, settings);
    case 'refint':
      return new RefintOverlay(directory, database, settings);
    // It changes no write: the store logs them all, and searches follow the log.
    case 'syncprov':
      return undefined;
    case 'ppolicy':
      return new PpolicyOverlay(directory, database, settings);
  }
}
