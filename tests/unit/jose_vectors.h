/* Keys and tokens for the tests of jose: those of the RFCs, and keys made once for what must be refused. None is used
 * anywhere else. */
#pragma once

// clang-format off
/* RFC 7515 A.2.1, private */
#define VECTOR_RSA_JWK \
	"{\"kty\":\"RSA\",\"n\":\"ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2" \
	"mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSH" \
	"SXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7" \
	"aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ\",\"e\":\"AQAB\",\"d\":\"Eq5xpG" \
	"nNCivDflJsRQBXHx1hdR1k6Ulwe2JZD50LpXyWPEAeP88vLNO97IjlA7_GQ5sLKMgvfTeXZx9SE-7YwVol2NXOoAJe46sui3" \
	"95IW_GO-pWJ1O0BkTGoVEn2bKVRUCgu-GjBVaYLU6f3l9kJfFNS3E0QbVdxzubSu3Mkqzjkn439X0M_V51gfpRLI9JYanrC4" \
	"D4qAdGcopV_0ZHHzQlBjudU2QvXt4ehNYTCBr6XCLQUShb1juUO1ZdiYoFaFQT5Tw8bGUl_x_jTj3ccPDVZFD9pIuhLhBOne" \
	"ufuBiB4cS98l2SR_RQyGWSeWjnczT0QU91p1DhOVRuOopznQ\",\"p\":\"4BzEEOtIpmVdVEZNCqS7baC4crd0pqnRH_5IB3jw3" \
	"bcxGn6QLvnEtfdUdiYrqBdss1l58BQ3KhooKeQTa9AB0Hw_Py5PJdTJNPY8cQn7ouZ2KKDcmnPGBY5t7yLc1QlQ5xHdwW1Vh" \
	"vKn-nXqhJTBgIPgtldC-KDV5z-y2XDwGUc\",\"q\":\"uQPEfgmVtjL0Uyyx88GZFF1fOunH3-7cepKmtH4pxhtCoHqpWmT8YAm" \
	"ZxaewHgHAjLYsp1ZSe7zFYHj7C6ul7TjeLQeZD_YwD66t62wDmpe_HlB-TnBA-njbglfIsRLtXlnDzQkv5dTltRJ11BKBByp" \
	"eeF6689rjcJIDEz9RWdc\",\"dp\":\"BwKfV3Akq5_MFZDFZCnW-wzl-CCo83WoZvnLQwCTeDv8uzluRSnm71I3QCLdhrqE2e9Y" \
	"kxvuxdBfpT_PI7Yz-FOKnu1R6HsJeDCjn12Sk3vmAktV2zb34MCdy7cpdTh_YVr7tss2u6vneTwrA86rZtu5Mbr1C1Xsmvkx" \
	"HQAdYo0\",\"dq\":\"h_96-mK1R_7glhsum81dZxjTnYynPbZpHziZjeeHcXYsXaaMwkOlODsWa7I9xXDoRwbKgB719rrmI2oKr" \
	"6N3Do9U0ajaHF-NKJnwgjMd2w9cjz3_-kyNlxAr2v4IKhGNpmM5iIgOS1VZnOZ68m6_pbLBSp3nssTdlqvd0tIiTHU\",\"qi\"" \
	":\"IYd7DHOhrWvxkwPQsRM2tOgrjbcrfvtQJipd-DlcxyVuuM9sQLdgjVk2oy26F0EmpScGLq2MowX7fhd_QJQ3ydy5cY7YIB" \
	"i87w93IKLEdfnbJtoOPLUW0ITrJReOgo1cq9SbsxYawBgfp_gh6A5603k2-ZQwVK0JKSHuLFkuQ3U\"}"
#define VECTOR_RSA_JWK_PUBLIC \
	"{\"kty\":\"RSA\",\"n\":\"ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2" \
	"mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSH" \
	"SXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7" \
	"aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ\",\"e\":\"AQAB\"}"
/* RFC 7515 A.2 */
#define VECTOR_RSA_TOKEN \
	"eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9" \
	"pc19yb290Ijp0cnVlfQ.cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Q" \
	"c_lF5YKt_O8W2Fp5jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARN" \
	"PvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6I" \
	"eYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw"
/* RFC 7515 A.3.1, private */
#define VECTOR_EC_JWK \
	"{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU\",\"y\":\"x_FEzRu9m36HLN_" \
	"tue659LNpXW6pCyStikYjKIWI5a0\",\"d\":\"jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI\"}"
/* RFC 7515 A.3 */
#define VECTOR_EC_TOKEN \
	"eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9" \
	"pc19yb290Ijp0cnVlfQ.DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqP" \
	"P3-Kg6NU1Q"
/* RFC 8037 A.1, private */
#define VECTOR_ED_JWK \
	"{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"d\":\"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A\",\"x\":\"11qYAYKxCrfV" \
	"S_7TyWQHOg7hcvPapiMlrwIaaPcHURo\"}"
/* RFC 8037 A.4 */
#define VECTOR_ED_TOKEN \
	"eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc.hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AI" \
	"bQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg"
/* RFC 7638 3.1 */
#define VECTOR_THUMBPRINT_JWK \
	"{\"kty\":\"RSA\",\"n\":\"0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhD" \
	"R1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0" \
	"_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6" \
	"WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw\",\"e\":\"AQAB\",\"alg\":\"RS25" \
	"6\",\"kid\":\"2011-04-29\"}"
#define VECTOR_RSA_1024_JWK \
	"{\"kty\":\"RSA\",\"n\":\"rEuhJAgxIE5M9fZfduLny6Tlmp6ioL3vcj7gjLomU7nMJhFg4n3y80cgkOwSYKWbIZkb7ipgvE8V7D" \
	"hXd1Yvp-FOb2Fxd2LqA5oxerCDQQQ9ugiB6WuGv9j9l-nfGUiZyGO31Cp6HjrZVmdFMCWV1Rr-dCqPSUzCTxenh66vRmM\",\"" \
	"e\":\"AQAB\"}"
#define VECTOR_RSA_8192_JWK \
	"{\"kty\":\"RSA\",\"n\":\"rJ-R2eTmp1GyJlvcooYoLj11j7kBIaUA02RhZgOxKs0nJLtBLtHoa_vxU1zMkHhYHFtt6Z9jfVpsUC" \
	"OUE8vWzw3ZklxecPOhTWF-4VqU_yX8yugKTBGwmzJS80HhxQBFcVZb1IKNOqMOCnYHlrNVtNJU2Wh-l78TLg1xo2HVSU0kYx" \
	"BY-f3AhZbd3lw2bBU4Mp6BgsSeKC4XH3idpwQySKyk1O1q0uOKgysF38X-0YczGc9TshasmyMo6VNyR_76cqLCDCHc2g_gpY" \
	"EenxeZX_NVMGr9d4cVKkyYRjkqmMRSIClObikrD3LgUdYEhfXBWLztv71JS3J0aFXT8d1H9-ColRUyKFmxSY85yAsOwI7oR4" \
	"3dWKhj3mdxCwMq92_J1kDOGDMFwtWN2Xj8bteOC4edJ3WNFp0HhUx0sp79hbvGsW35m1ZXgaQLmhammHRzPlfOYgo02MKENq" \
	"nG-COMN10XsEGLEHPoUxHAYkbatZJqoplK858e4WTz7VS1PWSXh9638K11RWJxVHsHA3pPi0kWtXzNPSEwq5776GSYrGO3JV" \
	"FNI6vPMgKKHFwcNVFOu61vF2NZ4C2wmmVCltgqX3hyXn3YNxH_VRnX1TXIWiPuinWqWKMxx3QqO7al8QYjuKqglM6tWWdGCo" \
	"4Pi1tW5kh-EPlwW3al5PHGFPxzf5htsFwjGwmCSXYdoD8va4KaW1v8Hz9BUYavFJH8aKfy8j-c6r2seg0XHYk80bSZjH5v_P" \
	"0PFC8-f7tE8sugjoCsJxbiC4yf3nTXOTW02WxCdQN_gMMOAUO71e8IJ-ljKoB5UXOWv6DD_UOChtyAYtSgrh1TrcHQLAtGJN" \
	"jgAivpKQaZcegcyFF-3piuUmPgDMutKhLjit8wpSK3sPjARX02ETQC2dbh2NyiDTlpJvA9dD9aO2w1fUuuxazGrfmlMXvS8S" \
	"Mkl3qHccXQ6EDqd0gxAji_4WQDM8eNYQlH3xuPzHgMqbpKW_zVpdKv2U6inb7XbQn4YqyUjKt_wLn79JZLLzpplaPfrnHbAK" \
	"UIIV76Fb4LpuYb-y8M6RFwVvvHPHDYFfiTDeXd6b6eSxfyGTG7-22DaAnC57-xhSYj3Ps2w9-7Gy0XQB5KAyQtuB_fGP-X_t" \
	"3a_iSGE5pt958vfFUdB7UWq5Rr9BGUvZH-znMb6HRJwZCuwx7gNZWqcB7QWJTs8fv51HaxgoHUzoWGPz-yb373nXBoMcFre4" \
	"XgSMYWdLximRDAr6O3X-YsQnQ-c_Ck1elr1cUoEDiO9TnAAddXVAuks-FzKRtc4ZUe6C_o-mXluDyrIItxOxAU1sR7vUf62i" \
	"H_Ec8dAug5at6WQICeIC7oF2bMu65ToIbsCFN-Bw\",\"e\":\"AQAB\"}"
/* a sound key whose e is 3 */
#define VECTOR_RSA_E3_JWK \
	"{\"kty\":\"RSA\",\"n\":\"ztsMAondfvD-a5G_w9PNZ2q8dH2NkXHiUdSzQC77uVgPTGg1WEzUICCHErliRhEUlzDHu0EZ-v8tCd" \
	"8SrZO2pYjhzQp6Yo1e_HOZgPgmfJuMaESzxlsrw4LmYNPLv4YIZhXuphnoKtTqlbQ3XzxzWruPIr2UkcOoCr2Oeqp_JoR947" \
	"FZlhSBWximgpAx39OdbYzYA3OVVZvmFzCyHqcCY8-oa9jgQ7CmkzUAoN9JgxN80H6Rg1__o8vlZC1YS3rz-5eUs1JZdMp-Ff" \
	"uiCXqyoueI0GoYTkP6L6Xyg0dSM8TZSilWpu9WIByZOABd4hcc_qmpE-Sw2VEWQgUrrA03JQ\",\"e\":\"Aw\"}"
/* an HMAC with the PEM of RSA_JWK_PUBLIC as its secret */
#define VECTOR_HS256_TOKEN \
	"eyJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9" \
	"pc19yb290Ijp0cnVlfQ.c8Tg3ipPrf5_HrYg61gCx0plq6GU74R-LeYmADiLgfs"
#define VECTOR_RSA_1024_PEM \
	"-----BEGIN PUBLIC KEY-----\nMIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQCsS6EkCDEgTkz19l924ufLpOWa\nnqKg" \
	"ve9yPuCMuiZTucwmEWDiffLzRyCQ7BJgpZshmRvuKmC8TxXsOFd3Vi+n4U5v\nYXF3YuoDmjF6sINBBD26CIHpa4a/2P2X6d8" \
	"ZSJnIY7fUKnoeOtlWZ0UwJZXVGv50\nKo9JTMJPF6eHrq9GYwIDAQAB\n-----END PUBLIC KEY-----\n"
/* private */
#define VECTOR_RSA_PEM \
	"-----BEGIN PRIVATE KEY-----\nMIIEvAIBADANBgkqhkiG9w0BAQEFAASCBKYwggSiAgEAAoIBAQC86B62iN1Ofdk6\nMiy" \
	"89euELhXPiN05tt/NaC+FkH650qnc+UAy8YmInuB2EZ8g3odxxIH9rX/vzWFX\nQUV3WED4akaF7ECdWNSlnwTpT4mOlGsnw2" \
	"naUSa11i9Oh4Nm1BTb92vsJpfsZtwW\nE4heoeUMspE9qyxmRecg1OUfejDPIFxGqHTKNOwhTMchwDEK2s1bLKBeOStvHFeT\n" \
	"IXn98cgKwMi9KkAkDSXAhiFQAht3sCQtiisiZdDSpVPaA/7DzSP19uuylWkNh1us\n8LttJ+YcoUWVnNciw12P+NSe1OVRKXu" \
	"twVsE3tgY9GEVv2a5cQMYpVKQUxvBUamY\n/AktlxwhAgMBAAECggEABQmVERXI/f/34BgIrqDJryCJ+xrpmFGGugvkUYXbBU" \
	"JH\nfpGkez9K5TpkXq2lXktk1f0xILZE1jyWMw0V6MLxF5bA6u8UAYYmBIUfLMgO0V8m\nlNy+iMB3fWuY3xmYwNAYvs1kIrvc" \
	"OwT6qzmJ3kknqh0kZ542DMOiMFNRCVP5M3q7\n+gdu1nbx5zY0KzQbdWm3k9k62OqPcvG/R80iJ0zb6Adg9XD7aRMB6lh3eKa" \
	"+steO\nvfnY0lntRbTY+5LG4dZAyFnWlvaSuhsJPMPXawSCtVl0hibr6A5Fh1mEBS8faUUN\n+YMV8oAXzDTNgIMWoAhBZsWdn" \
	"EQA8Xg5wy12pcvNuQKBgQD7PtbUkgi/w3AW5zOx\nzqiUDGzUPZT7ADh3c3JBw6ozSunl1W6vttv5Tni7AyRrIVd6sH6Vm4VE" \
	"EV+ylHh9\n5yTlmJNRmhb0qkHxaYYzZhiADJOikCUVsze/mevu9+8r+gqWLEzXBNJjr8zMVJLP\nELrPOmuEzofSxWd3UU5iTB" \
	"6RqQKBgQDAe0e67mT99onHAJeRx+FK5Pqea9aLb5y0\nvSr8w8DlGCC3Y5gQOdx9IAUdCmwAj7sRq7ABh7g67IEFIXjChnfGv" \
	"rXX55S18zVl\n5d/NUSxn+B2fRTJQOY7dK3SuniRseFKf6nBm1lAfoCnEIgFqEP1UnyS1ee09KMmf\n4gWIFLqxuQKBgAnzv0b" \
	"EUhxmfXYqyl1stjjHFTiDB/e5VoNEy23XdlJ50TINdkj3\nkVcayKV/xl2IAJMXkqwScQD1PzkvsGYsVcXSeWNuGyKt69bIO0" \
	"yl6qqH1QFHfHCT\nnM22JyZcI9k2Gl1Ae/q4ci0ItbASWY5iN0QmKEQmejLbJvIPAm/aXAuhAoGAbgCG\nd/BySymwh8hw1uGS" \
	"gcjm6c7baAi7WBecD6SYAtWNLQGAEBXhSqkYAwbHvnJmCK1E\nAzvbL+Glwpbketd6cFzhc6hntqxt4fRDuQUhCbIky7cyD+M" \
	"1IHULVBgQ3OTO45GJ\n91uXottXwz1j7YgUH15sDkLGMGO1BuiXHLQsFhECgYB2SsTvUlTSSNl+jHJg/Olt\nRZk6mnBStIg98" \
	"bn9G4L2D0QqcFkPUFYlGoAUf3BbjjPaw2MNLIdgBF7f1mefOZjo\n+vDTbBetUDA4HrEAKVsb+gGEBgBf2Gy+h3HR5H5peZZ9" \
	"bKZhYmIpBawyxAqLgYRX\nCLbth9AlSsHT4gbQXpN3OQ==\n-----END PRIVATE KEY-----\n"
#define VECTOR_RSA_PUBLIC_PEM \
	"-----BEGIN PUBLIC KEY-----\nMIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAvOgetojdTn3ZOjIsvPXr\nhC4V" \
	"z4jdObbfzWgvhZB+udKp3PlAMvGJiJ7gdhGfIN6HccSB/a1/781hV0FFd1hA\n+GpGhexAnVjUpZ8E6U+JjpRrJ8Np2lEmtdY" \
	"vToeDZtQU2/dr7CaX7GbcFhOIXqHl\nDLKRPassZkXnINTlH3owzyBcRqh0yjTsIUzHIcAxCtrNWyygXjkrbxxXkyF5/fHI\nC" \
	"sDIvSpAJA0lwIYhUAIbd7AkLYorImXQ0qVT2gP+w80j9fbrspVpDYdbrPC7bSfm\nHKFFlZzXIsNdj/jUntTlUSl7rcFbBN7Y" \
	"GPRhFb9muXEDGKVSkFMbwVGpmPwJLZcc\nIQIDAQAB\n-----END PUBLIC KEY-----\n"
#define VECTOR_RSA_PSS_PEM \
	"-----BEGIN PUBLIC KEY-----\nMIIBIDALBgkqhkiG9w0BAQoDggEPADCCAQoCggEBANAiPozoYGLsVtyo5gf3w8nH\n2Zjb" \
	"Qd/ke+xcc/iqDTOs9sAmLa67xjMBkXbPJdWClFmJsv45duQqWnox1cbJLUUI\nTuatRnYxy70IWvu9ydTFeU1cSm6FujYFYRt" \
	"9flIAzG7fXbJ1G/gC5Fat7dTsTyyU\nzUyJjBd/vz8aOAljNBsBzyZoell/4h92y3ZuIp22GnDYAAc1acb2ciA2gnnDuiuA\nZ" \
	"X/6IlsnQwgtixN7UCgh2sPswBNeliEwuns9hmjxYbPtgcKLCyxQgyjJRSh6eRHI\nH/jZRHlwbTbk6nPlJQPIiLkz6cbhpN9a" \
	"1HM1QHTf8QfK9o/nnnlwUJ3pRX4Z1jcC\nAwEAAQ==\n-----END PUBLIC KEY-----\n"
/* private */
#define VECTOR_EC_PEM \
	"-----BEGIN EC PRIVATE KEY-----\nMHcCAQEEID7/vRpdmTScDMT2zVl1LecMiLj/sH/QE8mCsYDpiCOyoAoGCCqGSM49\n" \
	"AwEHoUQDQgAEVuwKbeBzmZ2iefbU67CgheBDZ3rx6RL8MX+QHWlc9LCTxXRdnITQ\nNcJqVn8DRU15nW6GvPWXoIqzIjrzApV" \
	"mBg==\n-----END EC PRIVATE KEY-----\n"
#define VECTOR_EC_PUBLIC_PEM \
	"-----BEGIN PUBLIC KEY-----\nMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEVuwKbeBzmZ2iefbU67CgheBDZ3rx\n6RL8" \
	"MX+QHWlc9LCTxXRdnITQNcJqVn8DRU15nW6GvPWXoIqzIjrzApVmBg==\n-----END PUBLIC KEY-----\n"
#define VECTOR_EC_ENCRYPTED_PEM \
	"-----BEGIN EC PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,6E0AD9AE1C70BD5B1E41" \
	"C293B42AD50A\n\nr7IbazVdXbogaIYv0TTi+jx83ERGGHYhp/PP5N/jlFUj3+YcBOofcctJ6OiOgMGD\ncHSirqy3ZPmQ/bduB" \
	"xEzQVxM9iwTgVCGxv1f6t94nq/PTNUj2NhGrtBZV2rezgrS\n2wwrNquSceXF9oBY0gkHpPo25SyoPOmGphHFPlF/hT0=\n---" \
	"--END EC PRIVATE KEY-----\n"
#define VECTOR_P384_PEM \
	"-----BEGIN PUBLIC KEY-----\nMHYwEAYHKoZIzj0CAQYFK4EEACIDYgAEqn3EcZWYdCqmRwrzR44f5qlEFPTMb8JW\nq0YC" \
	"kGT1PpJE3i9uMj/kkxS5D0npBlmxN3fJumFk9rL9tqDzuqKR82jqmKtwyl66\nhS2O+GE3am4NHaKN5OMLN/+ln2bDB3CI\n--" \
	"---END PUBLIC KEY-----\n"
/* private */
#define VECTOR_ED_PEM \
	"-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIGeIZ0/vwQNZ0ydGYscKKCJBwf1VCqNNmDxA/ipEu1s7\n---" \
	"--END PRIVATE KEY-----\n"
// clang-format on
