//! Packages, their versions, and links of names.

use crate::fixture::{Acme, acme};
use crate::{NOW, World, on_both_engines};
use bailiwick_model::{
    AccountId, PackageId, PackageLinkId, PackageVersionId, RegistryKind, UpstreamId, UpstreamKind, Visibility,
};
use bailiwick_store::{
    PackageHow, PackageLinkRow, PackageRow, PackageVersionRow, Tx, UpstreamRow, package, upstream,
};

on_both_engines!(
    a_name_is_there_once_at_a_registry,
    an_owner_has_its_own_and_those_of_its_repositories,
    links_are_found_by_any_of_several_names,
    versions_keep_their_numbers,
    a_forgotten_package_leaves_nothing,
);

fn registry(tx: &mut Tx<'_>, name: &str, kind: UpstreamKind) -> bailiwick_store::Result<UpstreamId> {
    let row = UpstreamRow::new(name, kind, &format!("https://{name}.example.com"), NOW);
    Ok(upstream::insert(tx, row)?.id)
}

fn image(at: UpstreamId, name: &str, owner: AccountId) -> PackageRow {
    PackageRow {
        id: PackageId(0),
        upstream_id: at,
        kind: RegistryKind::Oci,
        name: name.to_owned(),
        display_name: name.to_owned(),
        account_id: owner,
        repository_id: None,
        visibility: Visibility::Private,
        how: PackageHow::Path,
        created_by: Some(owner),
        created_at: NOW,
        updated_at: NOW,
        deleted_at: None,
    }
}

fn two(world: &World) -> (Acme, UpstreamId, UpstreamId) {
    let acme = acme(world);
    let (one, other) = world.write(|tx| {
        Ok((
            registry(tx, "images", UpstreamKind::Oci)?,
            registry(tx, "others", UpstreamKind::Oci)?,
        ))
    });
    (acme, one, other)
}

fn a_name_is_there_once_at_a_registry(world: &World) {
    let (acme, one, other) = two(world);
    let row = world.write(|tx| package::insert(tx, image(one, "acme/web", acme.acme.id)));
    assert_eq!(world.read(|tx| package::by_id(tx, row.id)), Some(row.clone()));
    assert_eq!(
        world.read(|tx| package::by_name(tx, one, "acme/web")),
        Some(row.clone())
    );
    assert_eq!(world.read(|tx| package::by_name(tx, other, "acme/web")), None);
    let again = world
        .store
        .write(|tx| package::insert(tx, image(one, "acme/web", acme.bob)));
    assert!(again.is_err_and(|error| error.is_conflict_of(package::NAME_TAKEN)));
    let second = world.write(|tx| package::insert(tx, image(other, "acme/web", acme.bob)));
    let both = world.read(|tx| package::of_kind(tx, RegistryKind::Oci, "acme/web"));
    assert_eq!(both, [row, second]);
    world.write(|tx| upstream::delete(tx, other, NOW));
    let left = world.read(|tx| package::of_kind(tx, RegistryKind::Oci, "acme/web"));
    assert_eq!(left.len(), 1);
}

fn an_owner_has_its_own_and_those_of_its_repositories(world: &World) {
    let (acme, one, _) = two(world);
    world.write(|tx| {
        package::insert(tx, image(one, "acme/web", acme.acme.id))?;
        // Of a repository its present owner counts, whoever had it before.
        let mut row = image(one, "bob/site", acme.bob);
        row.repository_id = Some(acme.site.id);
        package::insert(tx, row)?;
        package::insert(tx, image(one, "bob/web", acme.bob))
    });
    let names = |owner, kind| -> Vec<String> {
        let rows = world.read(|tx| package::of_account(tx, owner, kind));
        rows.into_iter().map(|row| row.name).collect()
    };
    assert_eq!(names(acme.acme.id, None), ["acme/web", "bob/site"]);
    assert_eq!(names(acme.bob, Some(RegistryKind::Oci)), ["bob/web"]);
    assert!(names(acme.bob, Some(RegistryKind::Npm)).is_empty());
    assert_eq!(world.read(|tx| package::count(tx, one)), (3, 0));
}

fn links_are_found_by_any_of_several_names(world: &World) {
    let (acme, one, _) = two(world);
    let link = |name: &str, exact| PackageLinkRow {
        id: PackageLinkId(0),
        upstream_id: one,
        kind: RegistryKind::Oci,
        exact,
        name: name.to_owned(),
        account_id: acme.acme.id,
        repository_id: Some(acme.site.id),
        visibility: Visibility::Public,
        created_by: None,
        created_at: NOW,
    };
    let (wide, exact) = world.write(|tx| {
        let wide = package::insert_link(tx, link("team", false))?;
        package::insert_link(tx, link("elsewhere", false))?;
        Ok((wide, package::insert_link(tx, link("team/web", true))?))
    });
    let again = world
        .store
        .write(|tx| package::insert_link(tx, link("team", false)));
    assert!(again.is_err_and(|error| error.is_conflict_of(package::LINK_TAKEN)));
    let found = world.read(|tx| package::links_named(tx, RegistryKind::Oci, &["team/web", "team"]));
    assert_eq!(found, [wide, exact.clone()]);
    assert!(
        world
            .read(|tx| package::links_named(tx, RegistryKind::Npm, &["team"]))
            .is_empty()
    );
    world.write(|tx| package::delete_link(tx, &exact));
    assert_eq!(world.read(|tx| package::links(tx, one)).len(), 2);
    assert_eq!(world.read(|tx| package::link_by_id(tx, exact.id)), None);
}

fn version(of: PackageId, name: &str) -> PackageVersionRow {
    PackageVersionRow {
        id: PackageVersionId(0),
        package_id: of,
        name: name.to_owned(),
        created_by: None,
        created_at: NOW,
        updated_at: NOW,
        deleted_at: None,
    }
}

fn versions_keep_their_numbers(world: &World) {
    let (acme, one, _) = two(world);
    let row = world.write(|tx| package::insert(tx, image(one, "acme/web", acme.acme.id)));
    let (first, second) = world.write(|tx| {
        Ok((
            package::insert_version(tx, version(row.id, "1"))?,
            package::insert_version(tx, version(row.id, "2"))?,
        ))
    });
    let mut gone = first.clone();
    gone.deleted_at = Some(NOW);
    world.write(|tx| package::update_version(tx, &gone));
    assert_eq!(
        world.read(|tx| package::version(tx, row.id, "1")),
        Some(gone.clone())
    );
    assert_eq!(
        world.read(|tx| package::version_by_id(tx, second.id)),
        Some(second.clone())
    );
    assert_eq!(world.read(|tx| package::versions(tx, row.id)), [second, gone]);
}

fn a_forgotten_package_leaves_nothing(world: &World) {
    let (acme, one, _) = two(world);
    let row = world.write(|tx| package::insert(tx, image(one, "acme/web", acme.acme.id)));
    world.write(|tx| package::insert_version(tx, version(row.id, "1")));
    world.write(|tx| package::delete(tx, row.id));
    assert_eq!(world.read(|tx| package::by_id(tx, row.id)), None);
    assert!(world.read(|tx| package::versions(tx, row.id)).is_empty());
    let next = world.write(|tx| package::insert(tx, image(one, "acme/web", acme.acme.id)));
    assert!(next.id > row.id);
}
