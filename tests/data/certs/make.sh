#!/bin/bash
# make.sh DIR: a small hierarchy of organisation certificates and their revocation lists, made with openssl(1).
#   root → between → leaves; other-root → stranger; root → deep1 → … → deep7, and the leaves under-deep6 and under-deep7. All RSA 2048 but for ec, weak
#   and the deep ones.
# Names of leaves: seid1 (number in serialNumber), seal and qseal (organizationIdentifier), encipher (no digitalSignature),
# nobody (no number), expired, revoked, ec, weak, other (another organisation), foreign (number of another country's register).
set -eu
dir=$1
mkdir -p "$dir"
cd "$dir"
exec 2>make.log
org=810419512
key() { openssl genrsa -out "$1.key" "${2:-2048}"; }
ext() {
	case $1 in
	ca) printf 'basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign,cRLSign\nsubjectKeyIdentifier=hash\n' ;;
	sign) printf 'basicConstraints=critical,CA:FALSE\nkeyUsage=critical,digitalSignature\nsubjectKeyIdentifier=hash\n' ;;
	encipher) printf 'basicConstraints=critical,CA:FALSE\nkeyUsage=critical,keyEncipherment\n' ;;
	# SEQUENCE { SEQUENCE { OID 0.4.0.1862.1.1 } }: id-etsi-qcs-QcCompliance
	qualified) printf 'basicConstraints=critical,CA:FALSE\nkeyUsage=critical,digitalSignature\n1.3.6.1.5.5.7.1.3=DER:300A3008060604008E460101\n' ;;
	esac
}
# issue NAME ISSUER SUBJECT EXTENSIONS [FIRST LAST]: a certificate for NAME.key
serial=100
issue() {
	serial=$((serial + 1))
	openssl req -new -key "$1.key" -subj "$3" -utf8 -out "$1.csr"
	ext "$4" >"$1.ext"
	local first=${5:-20240101000000Z} last=${6:-20990101000000Z}
	: >"$2.index"
	cat >"$1.cnf" <<-EOF
		[ca]
		default_ca = x
		[x]
		database = $2.index
		new_certs_dir = .
		rand_serial = no
		default_md = sha256
		policy = any
		unique_subject = no
		[any]
		commonName = optional
		serialNumber = optional
		organizationName = optional
		organizationIdentifier = optional
		countryName = optional
	EOF
	printf '%X\n' $serial >"$1.serial"
	printf 'serial = %s.serial\n' "$1" | sed -i '/^\[x\]/r /dev/stdin' "$1.cnf"
	if [ "$1" = "$2" ]; then
		openssl ca -batch -config "$1.cnf" -selfsign -keyfile "$1.key" -in "$1.csr" -out "$1.full" -extfile "$1.ext" -startdate "$first" -enddate "$last" -notext
	else
		openssl ca -batch -config "$1.cnf" -cert "$2.pem" -keyfile "$2.key" -in "$1.csr" -out "$1.full" -extfile "$1.ext" -startdate "$first" -enddate "$last" -notext
	fi
	mv "$1.full" "$1.pem"
}
for n in root between other-root; do key $n; done
issue root root "/C=NO/O=Fictional Trust/CN=Fictional root" ca
issue other-root other-root "/C=NO/O=Another Trust/CN=Another root" ca
issue between root "/C=NO/O=Fictional Trust/CN=Fictional issuing authority" ca
for n in seid1 seal qseal encipher nobody expired revoked other foreign stranger; do key $n; done
key weak 1024
openssl ecparam -name prime256v1 -genkey -noout -out ec.key
issue seid1 between "/C=NO/O=Smekkfull Bank AS/serialNumber=$org/CN=Smekkfull Bank AS" sign
issue seal between "/C=NO/O=Smekkfull Bank AS/organizationIdentifier=NTRNO-$org/CN=Smekkfull Bank AS" sign
issue qseal between "/C=NO/O=Smekkfull Bank AS/organizationIdentifier=NTRNO-$org/CN=Smekkfull Bank AS" qualified
issue encipher between "/C=NO/O=Smekkfull Bank AS/serialNumber=$org/CN=Smekkfull Bank AS" encipher
issue nobody between "/C=NO/O=Smekkfull Bank AS/CN=Smekkfull Bank AS" sign
issue expired between "/C=NO/O=Smekkfull Bank AS/serialNumber=$org/CN=Smekkfull Bank AS" sign 20240101000000Z 20250101000000Z
issue revoked between "/C=NO/O=Smekkfull Bank AS/serialNumber=$org/CN=Smekkfull Bank AS" sign
issue other between "/C=NO/O=Annen AS/serialNumber=991825827/CN=Annen AS" sign
issue foreign between "/C=SE/O=Bolag AB/organizationIdentifier=NTRSE-5560001234/CN=Bolag AB" sign
issue weak between "/C=NO/O=Smekkfull Bank AS/serialNumber=$org/CN=Smekkfull Bank AS" sign
issue ec between "/C=NO/O=Smekkfull Bank AS/serialNumber=$org/CN=Smekkfull Bank AS" sign
issue stranger other-root "/C=NO/O=Smekkfull Bank AS/serialNumber=$org/CN=Smekkfull Bank AS" sign
cp root.pem deep0.pem && cp root.key deep0.key
for i in 1 2 3 4 5 6 7; do
	openssl ecparam -name prime256v1 -genkey -noout -out deep$i.key
	issue deep$i deep$((i - 1)) "/C=NO/O=Fictional Trust/CN=Deep $i" ca
done
for i in 6 7; do
	cp seid1.key under-deep$i.key
	issue under-deep$i deep$i "/C=NO/O=Smekkfull Bank AS/serialNumber=$org/CN=Smekkfull Bank AS" sign
done
# crl NAME ISSUER FIRST NEXT [REVOKED]
crl() {
	local index=$1.index
	: >"$index"
	if [ -n "${5:-}" ]; then
		printf 'R\t990101000000Z\t240201000000Z\t%s\tunknown\t/CN=x\n' "$(openssl x509 -in "$5.pem" -noout -serial | cut -d= -f2)" >"$index"
	fi
	printf '[ca]\ndefault_ca=x\n[x]\ndatabase=%s\ndefault_md=sha256\n' "$index" >"$1.cnf"
	openssl ca -config "$1.cnf" -gencrl -cert "$2.pem" -keyfile "$2.key" -crl_lastupdate "$3" -crl_nextupdate "$4" -out "$1.pem"
}
crl crl-root root 20240101000000Z 20990101000000Z
crl crl-between between 20240101000000Z 20990101000000Z revoked
crl crl-stale between 20240101000000Z 20240601000000Z
crl crl-none between 20240101000000Z 20990101000000Z
cat crl-root.pem crl-between.pem >crls.pem
cat crl-root.pem crl-stale.pem >crls-stale.pem
cat crl-root.pem crl-none.pem >crls-none.pem
rm -f -- *.csr *.ext *.cnf *.serial *.index* *.attr* *.old [0-9A-F][0-9A-F]*.pem crl-*.pem make.log
