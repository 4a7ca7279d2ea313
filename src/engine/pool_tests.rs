//! The bookkeeping of pools as a table of what happens and what is to be done about it.

use super::*;

const SECOND: Time = 1_000_000;

fn pool(max_connections: u32) -> Pool {
    Pool::new(PoolLimits {
        max_connections,
        idle: 300 * SECOND,
        age: NEVER,
        check_after: 30 * SECOND,
        check: 5 * SECOND,
        waiters_max: 1024,
    })
}

fn wait(pool: &mut Pool, target: &str, token: u64, now: Time) {
    pool.wait(target.into(), token, 10 * SECOND, now).unwrap();
}

/// A turn in which every connection is as it should be.
fn turn(pool: &mut Pool, now: Time) -> Vec<Step> {
    pool.turn(now, |_| Fit::Ready)
}

/// The waiters for whom a turn opens connections; these get the slots from `slot` on.
fn open(pool: &mut Pool, slot: u32, now: Time) -> Vec<u64> {
    let steps = turn(pool, now);
    let waiters: Vec<_> = steps
        .iter()
        .filter_map(|step| match step {
            Step::Open { waiter, .. } => Some(*waiter),
            _ => None,
        })
        .collect();
    (slot..).zip(&waiters).for_each(|(slot, waiter)| pool.opening(slot, *waiter, now));
    waiters
}

/// An idle connection in this slot.
fn idle(pool: &mut Pool, target: &str, slot: u32, now: Time) {
    wait(pool, target, 999, now);
    assert_eq!(open(pool, slot, now).len(), 1);
    assert_eq!(pool.opened(slot, now), Some(999));
    assert!(pool.release(slot, true, now));
}

fn lent(slot: u32, token: u64) -> Step {
    Step::Lend { slot, token }
}

#[test]
fn no_more_are_opened_than_there_may_be() {
    let mut pool = pool(2);
    (1..=5).for_each(|token| wait(&mut pool, "/", token, 0));
    assert_eq!(open(&mut pool, 10, 0), [0, 1]);
    assert_eq!(turn(&mut pool, 0), []);
    // In the order in which they came, whichever opens first.
    assert_eq!(pool.opened(11, 0), Some(1));
    assert_eq!(pool.opened(10, 0), Some(2));
    assert_eq!(turn(&mut pool, 0), []);
    assert!(pool.release(11, true, 0));
    assert_eq!(turn(&mut pool, 0), [lent(11, 3)]);
    assert!(!pool.release(10, false, 0));
    // One that is closing is a socket still.
    assert_eq!(turn(&mut pool, 0), []);
    assert_eq!(pool.gone(10), None);
    assert_eq!(open(&mut pool, 12, 0).len(), 1);
    let counts = pool.counts();
    assert_eq!((counts.sockets(), counts.leased, counts.opening, counts.waiting), (2, 1, 1, 2));
    assert_eq!((counts.opened, counts.reused, counts.discarded), (2, 1, 1));
}

#[test]
fn a_failure_is_for_whom_it_was_opened_and_others_try_again() {
    let mut pool = pool(1);
    wait(&mut pool, "/", 1, 0);
    wait(&mut pool, "/", 2, 0);
    open(&mut pool, 10, 0);
    assert_eq!(pool.gone(10), Some(1));
    assert_eq!(open(&mut pool, 10, 0).len(), 1);
    assert_eq!(pool.gone(10), Some(2));
    assert_eq!(turn(&mut pool, 0), []);
    assert_eq!((pool.counts().open_failed, pool.counts().sockets()), (2, 0));
}

#[test]
fn who_was_served_meanwhile_hears_of_no_failure() {
    let mut pool = pool(2);
    idle(&mut pool, "/", 10, 0);
    wait(&mut pool, "/", 1, 0);
    assert_eq!(turn(&mut pool, 0), [lent(10, 1)]);
    wait(&mut pool, "/", 2, 0);
    open(&mut pool, 11, 0);
    pool.release(10, true, 0);
    assert_eq!(turn(&mut pool, 0), [lent(10, 2)]);
    assert_eq!(pool.gone(11), None);
}

#[test]
fn one_that_cannot_be_opened_at_all_is_a_failure_too() {
    let mut pool = pool(2);
    wait(&mut pool, "/", 7, 0);
    let Step::Open { waiter, .. } = turn(&mut pool, 0).remove(0) else { panic!("it opens one") };
    assert_eq!(pool.not_opened(waiter), Some(7));
    assert_eq!(pool.counts().waiting, 0);
}

#[test]
fn the_longest_at_rest_makes_room_for_another_target() {
    let mut pool = pool(2);
    idle(&mut pool, "/a", 10, 1);
    idle(&mut pool, "/b", 11, 2);
    wait(&mut pool, "/c", 1, 3);
    assert_eq!(turn(&mut pool, 3), [Step::Close { slot: 10 }]);
    // The socket that closes is enough for it.
    assert_eq!(turn(&mut pool, 3), []);
    pool.gone(10);
    assert_eq!(open(&mut pool, 12, 3).len(), 1);
    assert_eq!((pool.counts().displaced, pool.counts().idle), (1, 1));
}

#[test]
fn who_came_first_gets_the_socket_whatever_its_target() {
    let mut pool = pool(1);
    wait(&mut pool, "/b", 1, 0);
    open(&mut pool, 10, 0);
    assert_eq!(pool.opened(10, 0), Some(1));
    wait(&mut pool, "/a", 2, 1);
    wait(&mut pool, "/b", 3, 2);
    pool.release(10, true, 3);
    // The connection would do for the one behind, but then /a could wait for ever.
    assert_eq!(turn(&mut pool, 3), [Step::Close { slot: 10 }]);
    pool.gone(10);
    let opened = open(&mut pool, 11, 3);
    assert_eq!((opened.len(), pool.opened(11, 3)), (1, Some(2)));
}

#[test]
fn the_last_to_come_back_goes_out_first() {
    let mut pool = pool(2);
    idle(&mut pool, "/", 10, 1);
    wait(&mut pool, "/", 5, 2);
    wait(&mut pool, "/", 6, 2);
    assert_eq!(turn(&mut pool, 2)[0], lent(10, 5));
    let Some(waiter) = pool.waiters.keys().next().copied() else { panic!("one waits") };
    pool.opening(11, waiter, 2);
    pool.opened(11, 2);
    pool.release(11, true, 3);
    pool.release(10, true, 4);
    wait(&mut pool, "/", 7, 5);
    assert_eq!(turn(&mut pool, 5), [lent(10, 7)]);
}

#[test]
fn what_has_rested_is_checked_before_it_is_lent() {
    let mut pool = pool(2);
    idle(&mut pool, "/", 10, 0);
    let later = 31 * SECOND;
    wait(&mut pool, "/", 1, later);
    assert_eq!(turn(&mut pool, later), [Step::Check { slot: 10 }]);
    assert_eq!(turn(&mut pool, later), []);
    assert_eq!(pool.counts().checking, 1);
    pool.passed(10, later + 1);
    assert_eq!(turn(&mut pool, later + 1), [lent(10, 1)]);
    // Its rest counts from the last holder on, its proof from the answer.
    pool.release(10, true, later + 1);
    wait(&mut pool, "/", 2, later + 2);
    assert_eq!(turn(&mut pool, later + 2), [lent(10, 2)]);
}

#[test]
fn one_that_does_not_answer_makes_others_suspicious() {
    let mut pool = pool(3);
    idle(&mut pool, "/", 10, 0);
    wait(&mut pool, "/", 1, 0);
    turn(&mut pool, 0);
    idle(&mut pool, "/", 11, 0);
    pool.release(10, true, 0);
    let later = 31 * SECOND;
    pool.wait("/".into(), 7, NEVER, later).unwrap();
    let Step::Check { slot } = turn(&mut pool, later)[0] else { panic!("one is checked") };
    assert_eq!(pool.due(), later + 5 * SECOND);
    assert_eq!(pool.expire(later + 5 * SECOND), [Step::Drop { slot }]);
    pool.gone(slot);
    // The other has rested as long: a new one is opened rather than the next dead one waited for.
    assert_eq!(open(&mut pool, 20, later + 5 * SECOND).len(), 1);
    assert_eq!(pool.opened(20, later + 5 * SECOND), Some(7));
    assert_eq!((pool.counts().checks_failed, pool.counts().idle), (1, 1));
}

#[test]
fn one_that_dies_under_the_check_is_replaced() {
    let mut pool = pool(1);
    idle(&mut pool, "/", 10, 0);
    let later = 31 * SECOND;
    wait(&mut pool, "/", 1, later);
    assert_eq!(turn(&mut pool, later), [Step::Check { slot: 10 }]);
    assert_eq!(pool.gone(10), None);
    assert_eq!(open(&mut pool, 11, later).len(), 1);
    assert_eq!(pool.counts().checks_failed, 1);
}

#[test]
fn what_has_something_to_say_is_heard_first() {
    let mut pool = pool(1);
    idle(&mut pool, "/", 10, 0);
    wait(&mut pool, "/", 1, 0);
    wait(&mut pool, "/b", 2, 0);
    assert_eq!(pool.turn(0, |_| Fit::Busy), []);
    assert_eq!(pool.turn(0, |_| Fit::Ready), [lent(10, 1)]);
    pool.release(10, true, 0);
    wait(&mut pool, "/", 3, 0);
    assert_eq!(pool.turn(0, |_| Fit::Broken), [Step::Close { slot: 10 }]);
}

#[test]
fn one_that_speaks_out_of_turn_is_closed() {
    let mut pool = pool(1);
    idle(&mut pool, "/", 10, 0);
    assert!(pool.broke(10, 0));
    assert!(!pool.broke(10, 0));
    assert_eq!((pool.counts().discarded, pool.counts().closing), (1, 1));
    // Nobody is held up by a peer that does not part.
    assert_eq!(pool.due(), 5 * SECOND);
    assert_eq!(pool.expire(5 * SECOND), [Step::Drop { slot: 10 }]);
    assert_eq!((pool.due(), pool.counts().closing), (NEVER, 1));
    pool.gone(10);
}

#[test]
fn rest_and_age_have_an_end() {
    let mut pool = pool(2);
    idle(&mut pool, "/", 10, 0);
    assert_eq!(pool.due(), 300 * SECOND);
    assert_eq!(pool.expire(299 * SECOND), []);
    assert_eq!(pool.expire(300 * SECOND), [Step::Close { slot: 10 }]);
    pool.gone(10);

    pool.limits.age = 60 * SECOND;
    idle(&mut pool, "/", 11, 0);
    assert_eq!(pool.due(), 60 * SECOND);
    wait(&mut pool, "/", 1, 0);
    assert_eq!(turn(&mut pool, 0), [lent(11, 1)]);
    // Held for longer than it lives: that is the holder's affair, but nobody gets it afterwards.
    assert!(!pool.release(11, true, 61 * SECOND));
    assert_eq!((pool.counts().expired, pool.counts().discarded), (2, 0));
}

#[test]
fn one_too_old_is_not_lent_even_if_its_timer_is_late() {
    let mut pool = pool(1);
    pool.limits.age = 10 * SECOND;
    idle(&mut pool, "/", 10, 0);
    wait(&mut pool, "/", 1, 11 * SECOND);
    assert_eq!(turn(&mut pool, 11 * SECOND), [Step::Close { slot: 10 }]);
}

#[test]
fn patience_ends_and_what_comes_later_rests() {
    let mut pool = pool(1);
    wait(&mut pool, "/", 1, 5);
    open(&mut pool, 10, 7);
    let steps = pool.expire(10 * SECOND + 5);
    let expected = Step::Expire { token: 1, target: "/".into(), timeout: 10 * SECOND, on_its_way: Some((10, 7)) };
    assert_eq!(steps, [expected]);
    assert_eq!(pool.opened(10, 11 * SECOND), None);
    assert_eq!((pool.counts().idle, pool.counts().timeouts, pool.counts().waiting), (1, 1, 0));
}

#[test]
fn so_many_may_wait_also_for_their_answers_to_be_read() {
    let mut pool = pool(1);
    pool.limits.waiters_max = 2;
    wait(&mut pool, "/", 1, 0);
    wait(&mut pool, "/", 2, 0);
    let full = |pool: &mut Pool| pool.wait("/".into(), 3, SECOND, 0).unwrap_err();
    let error = full(&mut pool);
    assert_eq!((error.status, error.capacity, error.current_size), (Status::POOL_EXHAUSTED, 2, Some(2)));
    open(&mut pool, 10, 0);
    pool.opened(10, 0);
    pool.answered();
    full(&mut pool);
    pool.answer_was_read();
    wait(&mut pool, "/", 3, 0);
}

#[test]
fn a_pool_that_closes_leaves_those_that_are_held() {
    let mut pool = pool(4);
    idle(&mut pool, "/", 10, 0);
    wait(&mut pool, "/", 1, 0);
    turn(&mut pool, 0);
    idle(&mut pool, "/", 11, 0);
    wait(&mut pool, "/b", 2, 0);
    wait(&mut pool, "/b", 3, 0);
    open(&mut pool, 12, 0);
    let (waiters, mut free) = pool.close();
    free.sort_unstable();
    assert_eq!((waiters, free), (vec![2, 3], vec![11, 12, 13]));
}

#[test]
fn nothing_is_left_of_targets_that_are_done_with() {
    let mut pool = pool(4);
    for round in 0..100 {
        let target = format!("/{round}");
        idle(&mut pool, &target, round, 0);
        assert!(pool.broke(round, 0));
        pool.gone(round);
    }
    assert!(pool.lines.is_empty() && pool.members.is_empty() && pool.agenda.is_empty() && pool.rested.is_empty());
}

/// Whatever happens in whatever order: never too many sockets, no waiter served twice or forgotten, and all books agree.
#[test]
fn anything_in_any_order_keeps_the_books() {
    let mut seed = 1_u64;
    let mut dice = move |sides: u64| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (seed >> 33) % sides
    };
    let mut pool = pool(4);
    pool.limits.age = 50 * SECOND;
    let (mut now, mut next_token, mut next_slot, mut answered) = (0, 0, 0, 0);
    for _ in 0..100_000 {
        now += dice(3 * SECOND);
        let slots: Vec<u32> = {
            let mut slots: Vec<_> = pool.members.keys().copied().collect();
            slots.sort_unstable();
            slots
        };
        let slot = if slots.is_empty() { 0 } else { slots[dice(slots.len() as u64) as usize] };
        let state = pool.members.get(&slot).map(|member| member.state);
        match (dice(6), state) {
            (0, _) => {
                wait(&mut pool, ["/a", "/b", "/c"][dice(3) as usize], next_token, now);
                next_token += 1;
            }
            (1, Some(State::Opening { .. })) => answered += u64::from(pool.opened(slot, now).is_some()),
            (1, Some(State::Leased)) => _ = pool.release(slot, dice(4) > 0, now),
            (1, Some(State::Checking { .. })) => pool.passed(slot, now),
            (1, Some(State::Closing { .. })) | (2, Some(_)) => answered += u64::from(pool.gone(slot).is_some()),
            (3, _) => _ = pool.broke(slot, now),
            _ => {}
        }
        let fit = [Fit::Ready, Fit::Busy, Fit::Broken, Fit::Ready][dice(4) as usize];
        let mut steps = pool.expire(now);
        steps.extend(pool.turn(now, |_| fit));
        for step in steps {
            match step {
                Step::Open { waiter, .. } if dice(8) == 0 => answered += u64::from(pool.not_opened(waiter).is_some()),
                Step::Open { waiter, .. } => {
                    pool.opening(next_slot, waiter, now);
                    next_slot += 1;
                }
                Step::Lend { .. } | Step::Expire { .. } => answered += 1,
                Step::Check { .. } | Step::Close { .. } | Step::Drop { .. } => {}
            }
        }
        let counts = pool.counts();
        assert!(counts.sockets() <= 4 && counts.sockets() as usize == pool.members.len());
        assert_eq!(answered + u64::from(counts.waiting), next_token);
        let idle: usize = pool.lines.values().map(|line| line.idle.len()).sum();
        assert_eq!((idle, pool.rested.len()), (counts.idle as usize, counts.idle as usize));
        let coming: u32 = pool.lines.values().map(|line| line.coming).sum();
        assert_eq!(coming, counts.opening + counts.checking);
        let parting = |member: &&Member| matches!(member.state, State::Closing { by } if by != NEVER);
        let parting = pool.members.values().filter(parting).count();
        assert_eq!(pool.agenda.len(), parting + (counts.idle + counts.checking + counts.waiting) as usize);
    }
    assert!(answered > 1000 && pool.counts().reused > 100 && pool.counts().displaced > 100);
}

#[test]
fn a_check_before_every_lease_is_one_check() {
    let mut pool = pool(1);
    pool.limits.check_after = 0;
    idle(&mut pool, "/", 10, 0);
    for now in [10, 20] {
        wait(&mut pool, "/", now, now);
        assert_eq!(turn(&mut pool, now), [Step::Check { slot: 10 }]);
        pool.passed(10, now + 1);
        // What it has still to say is heard first, which takes a while.
        assert_eq!(pool.turn(now + 2, |_| Fit::Busy), []);
        assert_eq!(turn(&mut pool, now + 3), [lent(10, now)]);
        assert!(pool.release(10, true, now + 4));
    }
}

#[test]
fn nobody_overtakes_because_something_is_to_be_heard() {
    let mut pool = pool(2);
    idle(&mut pool, "/", 10, 1);
    wait(&mut pool, "/", 1, 1);
    turn(&mut pool, 1);
    idle(&mut pool, "/", 11, 2);
    pool.release(10, true, 1);
    wait(&mut pool, "/", 2, 3);
    wait(&mut pool, "/", 3, 3);
    let fit = |slot| if slot == 11 { Fit::Busy } else { Fit::Ready };
    assert_eq!(pool.turn(3, fit), [lent(10, 2)]);
    assert_eq!(turn(&mut pool, 3), [lent(11, 3)]);
}
