/* utf8 - the characters of a text of strangers, and those that nobody sees */
#include "common/utf8.h"

#include <stddef.h>

bool utf8_decode(const char *text, uint32_t *character, size_t *length)
{
	static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
	const unsigned char *p = (const unsigned char *)text;
	size_t i, n = *p < 0x80 ? 1 : *p >> 5 == 6 ? 2 : *p >> 4 == 14 ? 3 : *p >> 3 == 30 ? 4 : 0;
	uint32_t c = n == 1 ? *p : *p & (0xffu >> (n + 1));

	*length = 1;
	if (!n)
		return false;
	for (i = 1; i < n; i++) {
		if (p[i] >> 6 != 2)
			return false;
		c = c << 6 | (p[i] & 0x3f);
	}
	if (c < least[n] || c > 0x10ffff || (c >= 0xd800 && c < 0xe000))
		return false;
	*character = c;
	*length = n;
	return true;
}

bool utf8_hidden(uint32_t c)
{
	static const struct {
		uint32_t first, last;
	} ranges[] = {
	        {0x00, 0x1f},       /* C0 */
	        {0x7f, 0x9f},       /* DEL, C1 */
	        {0xad, 0xad},       /* soft hyphen */
	        {0x61c, 0x61c},     /* Arabic letter mark */
	        {0x200b, 0x200f},   /* zero width, direction marks */
	        {0x2028, 0x202e},   /* line and paragraph separators, embeddings and overrides */
	        {0x2060, 0x206f},   /* invisible operators, isolates */
	        {0xfeff, 0xfeff},   /* byte order mark */
	        {0xfff9, 0xfffb},   /* interlinear annotation */
	        {0xe0000, 0xe0fff}, /* tags */
	};
	size_t i;

	for (i = 0; i < sizeof(ranges) / sizeof(ranges[0]); i++)
		if (c >= ranges[i].first && c <= ranges[i].last)
			return true;
	return false;
}
