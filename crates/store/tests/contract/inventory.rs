//! The tokens that reach an enterprise.

use crate::fixture::{acme, mint};
use crate::{NOW, World, on_both_engines};
use bailiwick_model::grant::ResourceOwner;
use bailiwick_model::{Digest, Selection, TokenKind};
use bailiwick_store::inventory::{self, InventoryQuery, Standing};
use bailiwick_store::{
    AccessRequestRow, AccountKind, AccountRow, GrantRow, TokenRow, access_request, account, enterprise,
    grant, token,
};

on_both_engines!(what_reaches_an_enterprise, organizations_are_counted);

fn what_reaches_an_enterprise(world: &World) {
    let acme = acme(world);
    let here = ResourceOwner::Account(acme.acme.id);
    let granted = |owner, name: &str, place, active| {
        world.write(|tx| {
            let row = mint(tx, owner, name)?;
            let mut given = GrantRow::new(row.id, place, NOW);
            given.active = active;
            let given = grant::insert(tx, given, &Selection::None)?;
            Ok((row, given))
        })
    };
    let (deploy, _) = granted(acme.bob, "deploy", here, true);
    let (asking, asked) = granted(acme.carol, "asking", here, false);
    world.write(|tx| {
        access_request::insert(
            tx,
            AccessRequestRow::new(asked.id, asking.id, here, 0, NOW),
            &Selection::None,
        )
    });
    let (ended, _) = granted(acme.mallory, "ended", here, false);
    let (above, _) = granted(
        acme.alice,
        "above",
        ResourceOwner::Enterprise(acme.enterprise.id),
        true,
    );
    granted(acme.bob, "own", ResourceOwner::Account(acme.bob), true);
    let classic = |owner, name: &str| {
        world.write(|tx| {
            let digest = Digest::of(name.as_bytes());
            token::insert(tx, TokenRow::new(TokenKind::Classic, owner, name, digest, NOW))
        })
    };
    let (member, outside) = (classic(acme.bob, "member's"), classic(acme.carol, "outsider's"));
    classic(acme.mallory, "stranger's");
    let service = world.write(|tx| {
        let mut row = AccountRow::new("robot", AccountKind::Service, NOW);
        row.owner_id = Some(acme.acme.id);
        account::insert(tx, row)
    });
    let robot = classic(service.id, "robot's");
    let listed = |change: &dyn Fn(&mut InventoryQuery)| {
        let mut query = InventoryQuery::new(acme.enterprise.id, NOW);
        query.limit = 100;
        change(&mut query);
        let rows = world.read(|tx| inventory::list(tx, &query));
        let total = world.read(|tx| inventory::count(tx, &query));
        assert_eq!(total, rows.len() as i64);
        rows.into_iter().map(|(row, _)| row.id).collect::<Vec<_>>()
    };
    assert_eq!(
        listed(&|_| {}),
        [robot.id, outside.id, member.id, above.id, asking.id, deploy.id]
    );
    assert_eq!(listed(&|query| query.standing = Standing::Pending), [asking.id]);
    assert_eq!(listed(&|query| query.standing = Standing::Revoked), [ended.id]);
    assert_eq!(listed(&|query| query.standing = Standing::Expired), []);
    assert_eq!(listed(&|query| query.standing = Standing::Any).len(), 7);
    assert_eq!(
        listed(&|query| query.organization = Some(acme.acme.id)),
        [robot.id, outside.id, member.id, asking.id, deploy.id]
    );
    assert_eq!(
        listed(&|query| query.holder = Some(acme.bob)),
        [member.id, deploy.id]
    );
    assert_eq!(
        listed(&|query| query.kind = Some(TokenKind::FineGrained)),
        [above.id, asking.id, deploy.id]
    );
    assert_eq!(listed(&|query| query.tokens = vec![ended.id]), []);
    assert_eq!(
        listed(&|query| query.unused_since = Some(NOW.plus_days(1))).len(),
        6
    );
    assert_eq!(listed(&|query| query.unused_since = Some(NOW)), []);
    assert_eq!(listed(&|query| query.ends_before = Some(NOW.plus_days(9))), []);
    assert_eq!(listed(&|query| query.endless = true).len(), 6);
    world.write(|tx| token::revoke(tx, deploy.id, "test", NOW));
    assert_eq!(
        listed(&|query| query.standing = Standing::Revoked),
        [ended.id, deploy.id]
    );
    for (who, belongs) in [
        (acme.bob, true),
        (service.id, true),
        (acme.carol, false),
        (acme.mallory, false),
    ] {
        assert_eq!(
            world.read(|tx| inventory::belongs(tx, acme.enterprise.id, who)),
            belongs
        );
    }
}

fn organizations_are_counted(world: &World) {
    let acme = acme(world);
    let one = world.read(|tx| inventory::organizations_of(tx, acme.enterprise.id, 0, 10));
    assert_eq!(one.len(), 1);
    assert_eq!(
        (one[0].members, one[0].repositories, one[0].grants, one[0].pending),
        (2, 3, 0, 0)
    );
    assert_eq!(
        world.read(|tx| inventory::totals(tx, acme.enterprise.id)),
        (1, 0, 0)
    );
    assert!(world.read(|tx| inventory::owned_by(tx, acme.bob)).is_empty());
    world.write(|tx| enterprise::add_owner(tx, acme.enterprise.id, acme.bob));
    assert_eq!(
        world.read(|tx| inventory::owned_by(tx, acme.bob)),
        std::slice::from_ref(&acme.enterprise)
    );
}
