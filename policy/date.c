// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * date.c - times in the text
 *
 * One way to write a time, in UTC, so that nobody can take it for another one:
 * that of RFC 3339, without fractions and with capital letters.
 */
#include "date.h"

#include <time.h>

#define SHAPE "dddd-dd-ddTdd:dd:ddZ"
#define EXAMPLE "2027-01-01T00:00:00Z"

/* Where the numbers of a time are. */
enum { YEAR, MONTH, DAY, HOUR, MINUTE, SECOND, PARTS };

static const struct {
	u8 start;
	u8 length;
} places[PARTS] = { { 0, 4 },  { 5, 2 },  { 8, 2 },
		    { 11, 2 }, { 14, 2 }, { 17, 2 } };

struct date {
	struct dmp_scanner *scanner;
	const struct dmp_token *token;
	unsigned int part[PARTS];
};

/* Do the first bytes of both agree, 'd' being any digit? */
static bool has_shape(const char *text, size_t length)
{
	size_t i;

	for (i = 0; i < length; i++) {
		if (SHAPE[i] == 'd' ? text[i] < '0' || text[i] > '9' :
				      text[i] != SHAPE[i])
			return false;
	}
	return true;
}

static int refuse_shape(struct dmp_scanner *scanner,
			const struct dmp_token *token)
{
	const char *text = dmp_token_text(scanner, token);
	char quote[DMP_QUOTE_SIZE],
		hint[80] = "write it as " EXAMPLE ", in UTC";

	if (token->length == strlen("dddd-dd-dd") &&
	    has_shape(text, token->length))
		snprintf(hint, sizeof(hint),
			 "add the time of day: %.10sT00:00:00Z", text);
	else if (token->length == strlen(SHAPE) - 1 &&
		 has_shape(text, token->length))
		snprintf(hint, sizeof(hint),
			 "add the Z: times are in UTC, %.19sZ", text);
	return dmp_scan_refuse(scanner, token, hint, "%s is not a time",
			       dmp_token_quote(scanner, token, quote));
}

static void read_parts(struct date *date)
{
	const char *text = dmp_token_text(date->scanner, date->token);
	unsigned int part;
	size_t i;

	for (part = 0; part < PARTS; part++) {
		date->part[part] = 0;
		for (i = 0; i < places[part].length; i++)
			date->part[part] =
				10 * date->part[part] +
				(unsigned int)(text[places[part].start + i] -
					       '0');
	}
}

static int refuse_part(const struct date *date, unsigned int part,
		       const char *hint, const char *message)
{
	struct dmp_token where = { DMP_TOKEN_WORD,
				   date->token->start + places[part].start,
				   places[part].length };

	return dmp_scan_refuse(date->scanner, &where, hint, "%s", message);
}

static unsigned int days_in_month(unsigned int year, unsigned int month)
{
	static const u8 days[] = { 31, 28, 31, 30, 31, 30,
				   31, 31, 30, 31, 30, 31 };
	bool leap = (year % 4 == 0 && year % 100) || year % 400 == 0;

	return month == 2 && leap ? 29 : days[month - 1];
}

static int check_day(const struct date *date)
{
	unsigned int days;
	char message[64];

	if (date->part[YEAR] < 1970)
		return refuse_part(date, YEAR, NULL,
				   "times start with the year 1970");
	if (!date->part[MONTH] || date->part[MONTH] > 12)
		return refuse_part(date, MONTH, "a time is year-month-day",
				   "months are 01 to 12");
	days = days_in_month(date->part[YEAR], date->part[MONTH]);
	if (date->part[DAY] && date->part[DAY] <= days)
		return 0;
	snprintf(message, sizeof(message),
		 "the days of this month are 01 to %u", days);
	return refuse_part(date, DAY, NULL, message);
}

static int check_time_of_day(const struct date *date)
{
	if (date->part[HOUR] > 23)
		return refuse_part(date, HOUR,
				   "midnight is 00:00:00 of the next day",
				   "hours are 00 to 23");
	if (date->part[MINUTE] > 59)
		return refuse_part(date, MINUTE, NULL, "minutes are 00 to 59");
	if (date->part[SECOND] == 60)
		return refuse_part(
			date, SECOND, "write second 00 of the next minute",
			"a leap second is no time that a clock can be compared with");
	if (date->part[SECOND] > 59)
		return refuse_part(date, SECOND, NULL, "seconds are 00 to 59");
	return 0;
}

static u64 seconds_of(const struct date *date)
{
	struct tm tm = {
		.tm_year = (int)date->part[YEAR] - 1900,
		.tm_mon = (int)date->part[MONTH] - 1,
		.tm_mday = (int)date->part[DAY],
		.tm_hour = (int)date->part[HOUR],
		.tm_min = (int)date->part[MINUTE],
		.tm_sec = (int)date->part[SECOND],
	};

	return (u64)timegm(&tm);
}

int dmp_scan_time(struct dmp_scanner *scanner, const char *what,
		  struct dmp_token *token, u64 *seconds)
{
	struct date date = { .scanner = scanner, .token = token };
	int ret;

	ret = dmp_scan_word(scanner, token, what,
			    "write it as " EXAMPLE ", in UTC");
	if (ret)
		return ret;
	if (token->length != strlen(SHAPE) ||
	    !has_shape(dmp_token_text(scanner, token), token->length))
		return refuse_shape(scanner, token);
	read_parts(&date);
	ret = check_day(&date);
	if (!ret)
		ret = check_time_of_day(&date);
	if (ret)
		return ret;
	*seconds = seconds_of(&date);
	if (!*seconds)
		return dmp_scan_refuse(
			scanner, token, NULL,
			"the first time there is, is one second later");
	return 0;
}

void dmp_time_print(u64 seconds, char text[DMP_TIME_SIZE])
{
	time_t time = (time_t)seconds;
	struct tm tm;

	/* What comes from elsewhere may be anything. */
	if (seconds > DMP_MAX_TIME || !gmtime_r(&time, &tm) ||
	    !strftime(text, DMP_TIME_SIZE, "%Y-%m-%dT%H:%M:%SZ", &tm))
		strcpy(text, "after the year 9999");
}
