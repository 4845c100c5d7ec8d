"""The text of `ledger_post`, for `ledger.create()`. The migrations hold their own copy, which never changes; a test
compares the function in a migrated database with this one.
"""

FUNCTION = """
CREATE OR REPLACE FUNCTION ledger_post(
    p_book integer, p_id uuid, p_scope text, p_key text, p_kind text, p_hash bytea, p_day date, p_at timestamptz,
    p_today date, p_household uuid, p_person uuid, p_rule text, p_place text, p_below boolean, p_meta json,
    p_accounts uuid[], p_floors bigint[], p_lapse_to uuid[], p_debits bigint[],
    p_debit integer[], p_credit integer[], p_commodity text[], p_amount bigint[], p_due date[]
) RETURNS bigint[] LANGUAGE plpgsql SET enable_seqscan = off AS $$
-- p_accounts: the member accounts in order, then the system accounts. The first three arrays after it are the members'.
-- p_debit, p_credit: each line's places in p_accounts. Answers the members' balances before, or NULL: not plain.
DECLARE
    members CONSTANT integer := cardinality(p_floors);
    r record; i integer; d integer; c integer; due date; closed date;
    was bigint[]; stands bigint[]; seq bigint[]; gone bigint[]; last_due date[]; latest date[];
    debit_seq bigint; debit_after bigint; credit_seq bigint; credit_after bigint;
BEGIN
    -- Before anything is locked: the longer road opens what is missing, and must not do so while it has a balance that
    -- whoever is opening the same account waits for.
    FOR i IN 1 .. cardinality(p_accounts) LOOP
        SELECT a.is_member, a.floor, a.expires_to INTO r FROM ledger_account a
        WHERE a.book_id = p_book AND a.id >= p_accounts[i] AND a.id <= p_accounts[i] ORDER BY a.id LIMIT 1;
        IF NOT FOUND OR r.is_member <> (i <= members) OR (i <= members AND (
                r.floor IS DISTINCT FROM p_floors[i] OR p_lapse_to[i] <> r.expires_to
                OR (p_lapse_to[i] IS NOT NULL AND r.expires_to IS NULL))) THEN
            RETURN NULL;
        END IF;
    END LOOP;
    FOR i IN 1 .. members LOOP
        -- a.id >= … <= … ORDER BY: while nothing is known of the table's size the planner would as soon walk the whole
        -- book by the other index, and this plan is kept
        SELECT b.posted, b.held, b.last_seq, b.out_total, b.last_due_on, b.last_effective_on, b.last_lapse_on, a.floor,
               a.expires_to INTO r
        FROM ledger_balance b JOIN ledger_account a ON a.book_id = p_book AND a.id >= p_accounts[i]
            AND a.id <= p_accounts[i]
        WHERE b.book_id = p_book AND b.account_id = p_accounts[i] ORDER BY a.id LIMIT 1 FOR UPDATE OF b;
        IF NOT FOUND OR r.floor IS DISTINCT FROM p_floors[i] OR p_lapse_to[i] <> r.expires_to
           OR (p_lapse_to[i] IS NOT NULL AND r.expires_to IS NULL) THEN
            RETURN NULL;
        END IF;
        IF p_debits[i] > 0 THEN
            IF r.held <> 0 OR r.last_lapse_on >= p_day OR (r.floor IS NOT NULL AND NOT p_below
               AND (r.last_effective_on > p_day OR r.posted - p_debits[i] < r.floor)) THEN
                RETURN NULL;
            END IF;
            IF r.expires_to IS NOT NULL AND (
                SELECT sum(credits) FROM ledger_due
                WHERE book_id = p_book AND account_id = p_accounts[i] AND due_on < p_day) > r.out_total THEN
                RETURN NULL;
            END IF;
        END IF;
        stands[i] := r.posted; seq[i] := r.last_seq; gone[i] := r.out_total; last_due[i] := r.last_due_on;
        latest[i] := greatest(r.last_effective_on, p_day);
    END LOOP;
    was := stands;
    SELECT closed_until INTO closed FROM ledger_book WHERE book_id = p_book;
    IF closed >= p_day THEN
        RETURN NULL;
    END IF;
    INSERT INTO ledger_transaction (book_id, id, scope, key, kind, content_hash, effective_on, recorded_at, household,
                                    person, rule, place, may_go_below, meta)
    VALUES (p_book, p_id, p_scope, p_key, p_kind, p_hash, p_day, p_at, p_household, p_person, p_rule, p_place, p_below,
            p_meta) ON CONFLICT (book_id, scope, key) DO NOTHING;
    IF NOT FOUND THEN
        RETURN NULL;
    END IF;
    FOR i IN 1 .. cardinality(p_amount) LOOP
        d := p_debit[i]; c := p_credit[i]; due := p_due[i];
        debit_seq := NULL; debit_after := NULL; credit_seq := NULL; credit_after := NULL;
        IF c <= members THEN  -- the rule of ledger.expiry.due_day
            IF due IS NULL OR last_due[c] = '9999-12-31' THEN
                due := NULL; last_due[c] := '9999-12-31';
            ELSE
                due := greatest(due, last_due[c], CASE WHEN p_day < p_today THEN p_today + 30 ELSE p_today END);
                last_due[c] := due;
            END IF;
            IF due = '9999-12-31' THEN
                due := NULL;
            END IF;
            credit_seq := seq[c] + 1; credit_after := stands[c] + p_amount[i];
            seq[c] := credit_seq; stands[c] := credit_after;
        END IF;
        IF d <= members THEN
            debit_seq := seq[d] + 1; debit_after := stands[d] - p_amount[i];
            seq[d] := debit_seq; stands[d] := debit_after; gone[d] := gone[d] + p_amount[i];
        END IF;
        INSERT INTO ledger_transfer (book_id, transaction_id, line, debit_account, credit_account, commodity, amount,
                                     effective_on, due_on, debit_seq, debit_after, credit_seq, credit_after)
        VALUES (p_book, p_id, i, p_accounts[d], p_accounts[c], p_commodity[i], p_amount[i], p_day, due, debit_seq,
                debit_after, credit_seq, credit_after);
        IF c <= members AND due IS NOT NULL THEN
            INSERT INTO ledger_due AS n (book_id, account_id, due_on, credits)
            VALUES (p_book, p_accounts[c], due, p_amount[i])
            ON CONFLICT (book_id, account_id, due_on) DO UPDATE SET credits = n.credits + excluded.credits;
        END IF;
    END LOOP;
    INSERT INTO ledger_unsealed (book_id, transaction_id) VALUES (p_book, p_id);
    FOR i IN 1 .. members LOOP
        UPDATE ledger_balance SET posted = stands[i], last_seq = seq[i], out_total = gone[i], last_due_on = last_due[i],
                                  last_effective_on = latest[i]
        WHERE book_id = p_book AND account_id = p_accounts[i];
    END LOOP;
    RETURN was;
END $$
"""
