// What people are to read, in nb, nn, en: published labels, and our own sentences that the tests hold on to.
import { builtin } from '../js/world.mjs';

const three = (nb, nn, en) => ({ nb, nn, en });

export const BUTTONS = {
	consent: {
		approve: three('Ja, jeg gir samtykke', 'Ja, eg gir samtykke', 'Yes, I give consent'),
		reject: three('Nei, jeg gir ikke samtykke', 'Nei, eg gir ikkje samtykke', 'No, I do not give consent'),
	},
	poa: {
		approve: three('Ja, jeg gir fullmakt', 'Ja, eg gir fullmakt', 'Yes, I give power of attorney'),
		reject: three('Nei, jeg gir ikke fullmakt', 'Nei, eg gir ikkje fullmakt', 'No, I do not give power of attorney'),
	},
};
export const TITLE = three('Godkjenn avtale - Samtykke', 'Godkjenn avtale - Samtykke', 'Approve agreement - Samtykke');
export const MENU = three('Meny', 'Meny', 'Menu');
export const LANGUAGES = ['Norsk (bokmål)', 'Norsk (nynorsk)', 'English'];
export const LOG_OUT = three('Logg ut', 'Logg ut', 'Log out');
export const BACK = three('Tilbake', 'Tilbake', 'Back');
export const SKIP = three('Hopp til hovedinnholdet', 'Hopp til hovudinnhaldet', 'Skip to main content');
export const CHANGE_USER = three('Bytt bruker', 'Byt brukar', 'Change user');
export const LOG_IN_AGAIN = three('Logg inn på nytt', 'Logg inn på nytt', 'Log in again');
export const BACK_TO_OVERVIEW = three('Tilbake til oversikten', 'Tilbake til oversikta', 'Back to overview');
export const GO_TO_BANK = three('Gå videre til Smekkfull Bank AS', 'Gå vidare til Smekkfull Bank AS', 'Continue to Smekkfull Bank AS');
export const SEE_AGREEMENT = three('Se avtalen', 'Sjå avtalen', 'View agreement');
export const WHAT_WAS_ASKED = three('Dette ble du spurt om', 'Dette blei du spurd om', 'What you were asked');
export const ORG_NO = three('org.nr. 810 419 512', 'org.nr. 810 419 512', 'org.no. 810 419 512');

export const HEADING = {
	approved: three('Samtykket er registrert!', 'Samtykket er registrert!', 'The consent has been registered!'),
	approvedPoa: three('Fullmakten er registrert!', 'Fullmakta er registrert!', 'The power of attorney has been registered!'),
	rejected: three('Du sa nei til Smekkfull Bank AS', 'Du sa nei til Smekkfull Bank AS', 'You said no to Smekkfull Bank AS'),
	notFound: three('Vi finner ikke denne forespørselen', 'Vi finn ikkje denne førespurnaden', 'We cannot find this request'),
	badId: three('Lenken er ikke fullstendig', 'Lenkja er ikkje fullstendig', 'The link is incomplete'),
	wrongPerson: three('Du kan ikke svare på denne forespørselen', 'Du kan ikkje svare på denne førespurnaden', 'You cannot answer this request'),
	notYours: three('Du har ikke tilgang til dette', 'Du har ikkje tilgang til dette', 'You do not have access to this'),
	lowLevel: three('Du må logge inn på en sikrere måte', 'Du må logge inn på ein sikrare måte', 'You need to log in more securely'),
	loadError: three('Vi kan ikke vise teksten', 'Vi kan ikkje vise teksten', 'We cannot show the text'),
	sessionLost: three('Du er ikke lenger logget inn', 'Du er ikkje lenger logga inn', 'You are no longer logged in'),
	stale: three('Vi kunne ikke ta imot skjemaet', 'Vi kunne ikkje ta imot skjemaet', 'We could not accept the form'),
	unknownPage: three('Oida, denne siden kjenner vi ikke til...', 'Oi! Du har prøvd å komme til ei side vi ikkje veit om.',
		'Oops! The page you\'re trying to find is unknown to us.'),
	overview: three('Samtykker og fullmakter for Elena Fjær', 'Samtykke og fullmakter for Elena Fjær',
		'Consent and power of attorney agreements for Elena Fjær'),
	download: three('Last ned avtalene', 'Last ned avtalane', 'Download the agreements'),
	log: three('Avtalelogg for Elena Fjær', 'Avtalelogg for Elena Fjær', 'Agreement log for Elena Fjær'),
	partyDenied: three('Du har ikke tilgang til disse avtalene', 'Du har ikkje tilgang til desse avtalane', 'You do not have access to these agreements'),
	withdraw: three('Er du sikker på at du vil trekke dette samtykket?', 'Er du sikker på at du vil trekke dette samtykket?',
		'Are you certain you want to revoke this consent?'),
	withdrawPoa: three('Er du sikker på at du vil trekke denne fullmakten?', 'Er du sikker på at du vil trekke denne fullmakta?',
		'Are you certain you want to revoke this power of attorney?'),
	receipt: three('Kvittering for samtykke', 'Kvittering for samtykke', 'Consent receipt'),
	receiptPoa: three('Kvittering for fullmakt', 'Kvittering for fullmakt', 'Power of attorney receipt'),
	accessibility: three('Tilgjengelighet', 'Tilgjengelegheit', 'Accessibility'),
	loggingOut: three('Vi logger deg ut', 'Vi loggar deg ut', 'Logging you out'),
	loggedOut: three('Du er logget ut', 'Du er logga ut', 'You are logged out'),
	testLoggedOut: three('Du er logget ut av testinnloggingen', 'Du er logga ut av testinnlogginga', 'You are logged out of the test login'),
	changingUser: three('Vi bytter bruker', 'Vi byter brukar', 'Changing user'),
	chooseLogin: three('Velg hvordan du vil logge inn', 'Vel korleis du vil logge inn', 'Choose how to log in'),
	testLogin: three('Logg inn som testperson', 'Logg inn som testperson', 'Log in as a test person'),
	languageSet: three('Språket er endret', 'Språket er endra', 'The language has been changed'),
};

export const ALERT = {
	approved: three('Dette samtykket er allerede gitt', 'Dette samtykket er allereie gitt', 'This consent is already given'),
	approvedPoa: three('Denne fullmakten er allerede gitt', 'Denne fullmakta er allereie gitt', 'This power of attorney is already given'),
	rejected: three('Dette samtykket er allerede avvist', 'Dette samtykket er allereie avvist', 'This consent is already rejected'),
	rejectedPoa: three('Denne fullmakten er allerede avvist', 'Denne fullmakta er allereie avvist', 'This power of attorney is already rejected'),
	revoked: three('Dette samtykket er trukket tilbake', 'Dette samtykket er trekt tilbake', 'This consent has been revoked'),
	revokedPoa: three('Denne fullmakten er trukket tilbake', 'Denne fullmakta er trekt tilbake', 'This power of attorney has been revoked'),
	deleted: three('Forespørselen er slettet', 'Førespurnaden er sletta', 'The request has been deleted'),
	expired: three('Fristen for å svare er ute', 'Fristen for å svare er ute', 'The deadline for answering has passed'),
	expiredAccepted: three('Samtykket er utløpt', 'Samtykket er utgått', 'Consent has expired'),
	expiredAcceptedPoa: three('Fullmakten er utløpt', 'Fullmakta er utgått', 'Power of attorney has expired'),
	used: three('Samtykket er brukt', 'Samtykket er brukt', 'Consent has been used'),
	approveError: three('Kunne ikke gi samtykke', 'Kunne ikkje gi samtykke', 'Could not give consent'),
	rejectErrorPoa: three('Kunne ikke avvise fullmakt', 'Kunne ikkje avvise fullmakt', 'Could not reject power of attorney'),
};

// A text of a built-in template for a person, with the parties and the date filled in.
export function templateText(id, field, lang, fills, giver = 'person') {
	const texts = builtin.templates.find((t) => t.id === id).texts[field];
	return (texts[giver] ?? texts)[lang].replace(/\{(\w+)\}/g, (all, key) => fills[key] ?? all);
}

// DD.MM.YYYY, HH:MM in Norway, whatever the time zone of the test or the browser.
export function norwegianTime(iso) {
	const parts = new Intl.DateTimeFormat('en-GB', {
		timeZone: 'Europe/Oslo', day: '2-digit', month: '2-digit', year: 'numeric', hour: '2-digit', minute: '2-digit', hourCycle: 'h23',
	}).formatToParts(new Date(iso));
	const p = Object.fromEntries(parts.map((x) => [x.type, x.value]));
	return `${p.day}.${p.month}.${p.year}, ${p.hour}:${p.minute}`;
}
