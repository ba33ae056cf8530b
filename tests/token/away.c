/* A PKCS#11 module that stands before another one ($AWAY_MODULE): while the file $AWAY_FILE is there, the token in it
 * is away, as when a hardware token loses its power or its network. */
#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <p11-kit/pkcs11.h>

static CK_FUNCTION_LIST *real, mine;

static int away(void)
{
	const char *file = getenv("AWAY_FILE");
	return file && access(file, F_OK) == 0;
}

static CK_RV get_slot_list(CK_BBOOL present, CK_SLOT_ID *list, CK_ULONG *n)
{
	if (away()) {
		*n = 0;
		return CKR_OK;
	}
	return real->C_GetSlotList(present, list, n);
}

static CK_RV open_session(CK_SLOT_ID slot, CK_FLAGS flags, void *app, CK_NOTIFY notify, CK_SESSION_HANDLE *out)
{
	return away() ? CKR_TOKEN_NOT_PRESENT : real->C_OpenSession(slot, flags, app, notify, out);
}

static CK_RV sign_init(CK_SESSION_HANDLE s, CK_MECHANISM *m, CK_OBJECT_HANDLE key)
{
	return away() ? CKR_DEVICE_REMOVED : real->C_SignInit(s, m, key);
}

static CK_RV get_attribute(CK_SESSION_HANDLE s, CK_OBJECT_HANDLE object, CK_ATTRIBUTE *list, CK_ULONG n)
{
	return away() ? CKR_DEVICE_REMOVED : real->C_GetAttributeValue(s, object, list, n);
}

__attribute__((visibility("default"))) CK_RV C_GetFunctionList(CK_FUNCTION_LIST **out)
{
	void *lib = dlopen(getenv("AWAY_MODULE"), RTLD_NOW | RTLD_LOCAL);
	void *p = lib ? dlsym(lib, "C_GetFunctionList") : NULL;
	CK_C_GetFunctionList get;
	memcpy(&get, &p, sizeof get);
	if (!p || get(&real) != CKR_OK)
		return CKR_GENERAL_ERROR;
	mine = *real;
	mine.C_GetSlotList = get_slot_list;
	mine.C_OpenSession = open_session;
	mine.C_SignInit = sign_init;
	mine.C_GetAttributeValue = get_attribute;
	*out = &mine;
	return CKR_OK;
}
