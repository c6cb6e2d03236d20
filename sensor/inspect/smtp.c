/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/base64.h"
#include "inspect/mime.h"
#include "inspect/open.h"

/* SMTP (RFC 5321, RFC 3030, RFC 4954), the client's side: commands, credentials, and the mails between DATA
 * and the line that is a dot, or in the bytes that BDAT counts. What the server says is not waited for: a
 * refused DATA makes commands out of lines of a mail, and both are given in clear. */

enum part { PART_COMMANDS, PART_MAIL, PART_CHUNK };

#define AUTH_LINES 3 /* answers to a challenge: name, password, and one more for what is not known */

struct smtp {
    struct buf held; /* a command line that is not whole yet */
    struct buf text; /* a line of the mail */
    struct buf open; /* see open.h: of a counted part of a mail */
    struct mime mime;
    uint64_t n_mails, chunk_left;
    uint8_t part, auth_left;
    bool chunk_last, mail_open;
};

static bool is_command(struct bytes line, struct bytes verb)
{
    return bytes_starts_nocase(line, verb) && (line.len == verb.len || line.p[verb.len] == ' ' ||
                                               line.p[verb.len] == '\t' || line.p[verb.len] == ':');
}

/* A client that says hello; or, where a capture begins later, one that begins a mail. */
static enum recognition smtp_recognise(struct bytes first, uint8_t proto, bool whole)
{
    static const char *const words[] = {"EHLO ", "HELO ", "LHLO ", "MAIL FROM:", "RCPT TO:"};

    if (proto != PROTO_TCP)
        return RECOGNISE_NO;
    for (unsigned i = 0; i < sizeof words / sizeof *words; i++) {
        struct bytes word = bytes_str(words[i]);

        if (bytes_starts_nocase(first, word))
            return RECOGNISE_REQUEST;
        if (!whole && first.len < word.len && bytes_starts_nocase(word, first))
            return RECOGNISE_MORE;
    }
    return RECOGNISE_NO;
}

static uint64_t number(const struct smtp *s)
{
    return s->n_mails ? s->n_mails - 1 : 0;
}

static void give(struct smtp *s, const struct inspecting *in, enum field_kind kind, struct bytes value)
{
    value = bytes_trim(value);
    if (value.len)
        inspecting_give_text(in, "smtp", number(s), kind, value);
}

/* Base64 of words that a NUL separates: name and password (RFC 4616). False, with nothing given, when it is
 * not all base64. */
static bool give_credentials(struct smtp *s, const struct inspecting *in, struct bytes text)
{
    struct buf plain;
    bool all;

    text = bytes_trim(text);
    plain = buf_within(text.len);
    all = base64_decode(&plain, text) + 2 >= text.len; /* padding is not counted */
    for (struct bytes rest = buf_bytes(&plain); all && rest.len;) {
        size_t end = bytes_find_byte(rest, '\0');

        give(s, in, FIELD_SMTP_AUTH, bytes_slice(rest, 0, end));
        rest = bytes_from(rest, end == BYTES_NONE ? rest.len : end + 1);
    }
    buf_drop(&plain);
    return all;
}

/* AUTH mechanism [initial-response] */
static void on_auth(struct smtp *s, const struct inspecting *in, struct bytes line)
{
    struct bytes rest = bytes_trim(bytes_from(line, 4));
    size_t blank = bytes_find_byte(rest, ' ');

    s->auth_left = AUTH_LINES;
    if (blank != BYTES_NONE)
        (void)give_credentials(s, in, bytes_from(rest, blank));
    give(s, in, FIELD_SMTP_COMMAND, line);
}

/* BDAT size [LAST] */
static void on_bdat(struct smtp *s, struct bytes line)
{
    struct bytes rest = bytes_trim(bytes_from(line, 4));
    size_t blank = bytes_find_byte(rest, ' ');

    if (!bytes_to_u64(bytes_slice(rest, 0, blank), UINT32_MAX, &s->chunk_left))
        return;
    s->chunk_last = bytes_eq_nocase(bytes_trim(bytes_from(rest, blank)), BYTES_LIT("LAST"));
    s->part = PART_CHUNK;
    if (!s->mail_open)
        mime_begin(&s->mime, "smtp", number(s));
    s->mail_open = true;
}

static void on_command(struct smtp *s, const struct inspecting *in, struct bytes line)
{
    open_join(&s->open, in, "smtp", number(s), line);
    if (s->auth_left && line.len) {
        s->auth_left--;
        if (!give_credentials(s, in, line))
            s->auth_left = 0;
    }
    if (is_command(line, BYTES_LIT("EHLO")) || is_command(line, BYTES_LIT("HELO")) ||
        is_command(line, BYTES_LIT("LHLO"))) {
        give(s, in, FIELD_SMTP_HELO, bytes_from(line, 4));
    } else if (is_command(line, BYTES_LIT("MAIL FROM"))) {
        s->n_mails++;
        give(s, in, FIELD_SMTP_MAIL_FROM, bytes_from(line, 10));
    } else if (is_command(line, BYTES_LIT("RCPT TO"))) {
        give(s, in, FIELD_SMTP_RCPT_TO, bytes_from(line, 8));
    } else if (is_command(line, BYTES_LIT("AUTH"))) {
        on_auth(s, in, line);
    } else if (is_command(line, BYTES_LIT("BDAT"))) {
        on_bdat(s, line);
    } else if (is_command(line, BYTES_LIT("DATA"))) {
        s->part = PART_MAIL;
        s->mail_open = true;
        mime_begin(&s->mime, "smtp", number(s));
        give(s, in, FIELD_SMTP_COMMAND, bytes_from(line, 4)); /* nothing belongs there */
    } else {
        give(s, in, FIELD_SMTP_COMMAND, line);
    }
}

static void end_mail(struct smtp *s, const struct inspecting *in)
{
    if (s->mail_open)
        mime_end(&s->mime, in);
    s->mail_open = false;
    s->part = PART_COMMANDS;
}

/* A line of a mail behind DATA; a dot in front of it is stuffing (RFC 5321 section 4.5.2). */
static void on_mail_line(struct smtp *s, const struct inspecting *in, struct bytes line)
{
    if (bytes_eq(line, BYTES_LIT(".")))
        end_mail(s, in);
    else
        mime_line(&s->mime, in, line.len && line.p[0] == '.' ? bytes_from(line, 1) : line, true);
}

static void flush_text(struct smtp *s, const struct inspecting *in, bool whole)
{
    if (s->text.len && s->mail_open)
        mime_line(&s->mime, in, buf_bytes(&s->text), whole);
    hold_drop(&s->text);
}

/* The lines of a mail in *data: of DATA until the dot, of a chunk until its end. */
static void take_mail(struct smtp *s, const struct inspecting *in, struct bytes *data)
{
    struct bytes line;

    while (data->len && s->part != PART_COMMANDS) {
        enum hold_next next = line_next(&s->text, in->config->app_max_message, data, &line);

        if (next == HOLD_WAIT)
            return;
        if (next == HOLD_TOO_LONG && s->text.len == 0) { /* memory is short */
            mime_line(&s->mime, in, *data, false);
            *data = bytes_from(*data, data->len);
        } else if (next == HOLD_TOO_LONG) {
            flush_text(s, in, false);
        } else if (s->part == PART_MAIL) {
            on_mail_line(s, in, line);
            hold_drop(&s->text);
        } else {
            mime_line(&s->mime, in, line, true);
            hold_drop(&s->text);
        }
    }
}

static void take_chunk(struct smtp *s, const struct inspecting *in, struct bytes *data)
{
    struct bytes part = bytes_slice(*data, 0, s->chunk_left < SIZE_MAX ? (size_t)s->chunk_left : SIZE_MAX);

    *data = bytes_from(*data, part.len);
    s->chunk_left -= part.len;
    take_mail(s, in, &part);
    if (s->chunk_left)
        return;
    s->part = PART_COMMANDS;
    open_keep(&s->open, in, buf_bytes(&s->text));
    if (s->chunk_last) {
        flush_text(s, in, true);
        end_mail(s, in);
    }
}

static enum progress take_command(struct smtp *s, const struct inspecting *in, struct bytes *data)
{
    struct bytes line;

    /* STARTTLS: the client's hello. No command begins so. */
    if (s->held.len == 0 && data->p[0] == 0x16) {
        in->next->n_messages = s->n_mails;
        return PROGRESS_CHANGE;
    }
    switch (line_next(&s->held, in->config->app_max_message, data, &line)) {
    case HOLD_MESSAGE:
        on_command(s, in, line);
        hold_drop(&s->held);
        return PROGRESS_MORE;
    case HOLD_WAIT:
        return PROGRESS_MORE;
    default:
        give(s, in, FIELD_SMTP_COMMAND, buf_bytes(&s->held));
        hold_drop(&s->held);
        return PROGRESS_GIVE_UP;
    }
}

static void finish(struct smtp *s, const struct inspecting *in)
{
    if (s->held.len)
        on_command(s, in, buf_bytes(&s->held));
    hold_drop(&s->held);
    flush_text(s, in, true);
    end_mail(s, in);
}

static enum progress smtp_feed(void *state, const struct inspecting *in, struct bytes data, uint64_t gap,
                               bool last, size_t *used)
{
    struct smtp *s = state;
    enum progress progress = PROGRESS_MORE;
    struct bytes rest = data;

    *used = 0;
    if (!in->from_client)
        return PROGRESS_RAW; /* answers: text in clear, and no business of the mail's */
    if (gap) {
        finish(s, in);
        return PROGRESS_GIVE_UP;
    }
    while (rest.len && progress == PROGRESS_MORE) {
        if (s->part == PART_COMMANDS)
            progress = take_command(s, in, &rest);
        else if (s->part == PART_MAIL)
            take_mail(s, in, &rest);
        else
            take_chunk(s, in, &rest);
    }
    *used = data.len - rest.len;
    if (s->mail_open)
        mime_flush(&s->mime, in);
    if (last || progress != PROGRESS_MORE)
        finish(s, in);
    return progress;
}

static void smtp_free_state(void *state)
{
    struct smtp *s = state;

    hold_drop(&s->held);
    hold_drop(&s->text);
    hold_drop(&s->open);
    mime_drop(&s->mime);
}

const struct inspector smtp_inspector = {
    .name = "smtp",
    .recognise = smtp_recognise,
    .state_size = sizeof(struct smtp),
    .feed = smtp_feed,
    .free_state = smtp_free_state,
};
