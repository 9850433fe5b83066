/** `overlay memberof`: entries that a group names as members name the group in turn. */
import type { DN } from '../../dn/dn.js';
import { ResultCode } from '../../ldap/result.js';
import type { AttributeDescription, ObjectClass, Schema } from '../../ldap/schema.js';
import { attributeDescription, ConfigError, distinguishedName, oneOf, onlyWord, onOff, wholeNumber } from '../directive.js';
import type { Place } from '../place.js';
import { defineOverlay, type OverlayContext } from './definition.js';
import { requireNames } from './names.js';
import { requireEqualityIndexes } from './required-indexes.js';
import type { MemberofSettings } from './settings.js';

interface MemberofDraft {
  groupClass: ObjectClass | undefined;
  member: AttributeDescription | undefined;
  memberOf: AttributeDescription | undefined;
  modifiersName: DN | undefined;
  refint: boolean;
  addCheck: boolean;
  dangling: 'ignore' | 'drop' | 'error';
  code: ResultCode;
}

const danglingModes = new Map([
  ['ignore', 'ignore'],
  ['drop', 'drop'],
  ['error', 'error'],
] as const);

/** In slapd's words where those are not the RFC's. */
const slapdsCodes: Readonly<Record<string, ResultCode>> = {
  undefinedtype: ResultCode.undefinedAttributeType,
  typeorvalueexists: ResultCode.attributeOrValueExists,
  invalidsyntax: ResultCode.invalidAttributeSyntax,
  aliasderefproblem: ResultCode.aliasDereferencingProblem,
  inappropriateauth: ResultCode.inappropriateAuthentication,
  insufficientaccess: ResultCode.insufficientAccessRights,
  alreadyexists: ResultCode.entryAlreadyExists,
  noobjectclassmods: ResultCode.objectClassModsProhibited,
};
const codes: ReadonlyMap<string, ResultCode> = new Map([
  ...Object.entries(ResultCode).map(([name, code]) => [name.toLowerCase(), code] as const),
  ...Object.entries(slapdsCodes),
]);

export const memberOfDefinition =
  "attributetype ( 1.2.840.113556.1.2.102 NAME 'memberOf' DESC 'Group that the entry belongs to' EQUALITY " +
  'distinguishedNameMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.12 NO-USER-MODIFICATION USAGE dSAOperation X-ORIGIN ' +
  "'iPlanet Delegated Administrator' )";

export const memberofOverlay = defineOverlay<MemberofDraft>({
  name: 'memberof',
  olcClass: 'olcMemberOfConfig',
  repeatable: true,
  schema: [memberOfDefinition],
  options: [
    {
      name: 'memberof-dn',
      olc: 'olcMemberOfDN',
      read: (draft, directive, { reader }) => {
        draft.modifiersName = distinguishedName(onlyWord(directive), directive.name, reader.schema);
      },
    },
    {
      name: 'memberof-dangling',
      olc: 'olcMemberOfDangling',
      read: (draft, directive) => {
        draft.dangling = oneOf(onlyWord(directive), directive.name, danglingModes);
      },
    },
    {
      name: 'memberof-dangling-error',
      olc: 'olcMemberOfDanglingError',
      read: (draft, directive) => {
        draft.code = resultCode(onlyWord(directive), directive.name);
      },
    },
    { name: 'memberof-refint', olc: 'olcMemberOfRefInt', read: (draft, directive) => void (draft.refint = onOff(directive)) },
    {
      name: 'memberof-group-oc',
      olc: 'olcMemberOfGroupOC',
      read: (draft, directive, { reader }) => {
        draft.groupClass = groupClass(onlyWord(directive), directive.name, reader.schema);
      },
    },
    {
      name: 'memberof-member-ad',
      olc: 'olcMemberOfMemberAD',
      read: (draft, directive, { reader }) => {
        draft.member = requireNames(onlyWord(directive), directive.name, reader.schema);
      },
    },
    {
      name: 'memberof-memberof-ad',
      olc: 'olcMemberOfMemberOfAD',
      read: (draft, directive, { reader }) => {
        draft.memberOf = requireNames(onlyWord(directive), directive.name, reader.schema);
      },
    },
    // Of slapd 2.6.
    {
      name: 'memberof-addcheck',
      olc: 'olcMemberOfAddCheck',
      read: (draft, directive) => void (draft.addCheck = onOff(directive)),
    },
  ],
  begin: () => ({
    groupClass: undefined,
    member: undefined,
    memberOf: undefined,
    modifiersName: undefined,
    refint: false,
    addCheck: false,
    dangling: 'ignore',
    code: ResultCode.constraintViolation,
  }),
  finish,
});

function groupClass(name: string, directive: string, schema: Schema): ObjectClass {
  const found = schema.objectClass(name);
  if (!found) throw new ConfigError(`object class "${name}" of "${directive}" is not defined`);
  return found;
}

/** A name of slapd's or the RFC's, or a number. */
function resultCode(text: string, directive: string): ResultCode {
  return codes.get(text.toLowerCase()) ?? (wholeNumber(text, directive) as ResultCode);
}

function finish(draft: MemberofDraft, place: Place, context: OverlayContext): MemberofSettings | undefined {
  const { schema } = context.reader;
  let settings: MemberofSettings | undefined;
  context.reader.attempt(place, () => {
    settings = {
      kind: 'memberof',
      groupClass: draft.groupClass ?? groupClass('groupOfNames', 'memberof-group-oc', schema),
      member: draft.member ?? attributeDescription('member', 'memberof-member-ad', schema),
      memberOf: draft.memberOf ?? attributeDescription('memberOf', 'memberof-memberof-ad', schema),
      refint: draft.refint,
      addCheck: draft.addCheck,
      dangling: draft.dangling === 'error' ? { code: draft.code } : draft.dangling,
      modifiersName: draft.modifiersName,
    };
    if (settings.addCheck) requireEqualityIndexes(context, place, 'memberof-addcheck', [settings.member]);
  });
  return settings;
}
