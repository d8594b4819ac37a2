package io.github.elegans.nativekernels;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.AclEntry;
import java.nio.file.attribute.AclEntryFlag;
import java.nio.file.attribute.AclEntryPermission;
import java.nio.file.attribute.AclEntryType;
import java.nio.file.attribute.AclFileAttributeView;
import java.nio.file.attribute.UserPrincipal;
import java.nio.file.attribute.UserPrincipalNotFoundException;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;

/**
 * Who may write where on Windows, whose files have lists of who may do what. Trusted are the user
 * and whoever may write in the system's own folder, who can do anything anyway; by that they are
 * known, for their names differ from language to language.
 */
record AccessLists(Set<UserPrincipal> trusted) {
  /** Lets others put something else in a file's place, or allow themselves to. */
  static final Set<AclEntryPermission> REPLACING =
      Set.of(
          AclEntryPermission.DELETE,
          AclEntryPermission.DELETE_CHILD,
          AclEntryPermission.WRITE_ACL,
          AclEntryPermission.WRITE_OWNER);

  /** Lets others change a file, or put something into a folder. */
  static final Set<AclEntryPermission> WRITING =
      Set.of(AclEntryPermission.WRITE_DATA, AclEntryPermission.APPEND_DATA);

  /**
   * Those of this system and user.
   *
   * @throws IOException if they cannot be read
   */
  static AccessLists here() throws IOException {
    String root = Objects.requireNonNullElse(System.getenv("SystemRoot"), "C:\\Windows");
    Path system = Path.of(root, "System32");
    Set<UserPrincipal> trusted = new HashSet<>();
    trusted.add(Files.getOwner(system));
    for (AclEntry entry : list(system)) {
      if (allows(entry, WRITING) || allows(entry, REPLACING)) {
        trusted.add(entry.principal());
      }
    }
    try {
      trusted.add(
          system
              .getFileSystem()
              .getUserPrincipalLookupService()
              .lookupPrincipalByName(System.getProperty("user.name")));
    } catch (UserPrincipalNotFoundException e) {
      // Of another domain: its files tell.
    }
    Path file = Files.createTempFile("elegans-", ".tmp");
    try {
      trusted.add(Files.getOwner(file));
    } finally {
      Files.delete(file);
    }
    return new AccessLists(trusted);
  }

  /** Checks that nobody else may write in a folder, or put another in its place. */
  void checkFolder(Path folder) throws IOException {
    checkFile(folder);
    for (Path above = folder.getParent(); above != null; above = above.getParent()) {
      check(above, Files.getOwner(above), list(above), REPLACING);
    }
  }

  /** Checks that nobody else may write a file. */
  void checkFile(Path file) throws IOException {
    UserPrincipal owner = Files.getOwner(file, LinkOption.NOFOLLOW_LINKS);
    check(file, owner, list(file), REPLACING);
    check(file, owner, list(file), WRITING);
  }

  /** Checks that nobody else is allowed what is forbidden to others. */
  void check(Path path, UserPrincipal owner, List<AclEntry> list, Set<AclEntryPermission> forbidden)
      throws IOException {
    if (!trusted.contains(owner)) {
      throw new IOException("%s belongs to another user, %s".formatted(path, owner.getName()));
    }
    for (AclEntry entry : list) {
      if (allows(entry, forbidden) && !trusted.contains(entry.principal())) {
        throw new IOException(
            "others may write in %s: %s".formatted(path, entry.principal().getName()));
      }
    }
  }

  /** Whether an entry allows any of these, here and not only in what lies below. */
  private static boolean allows(AclEntry entry, Set<AclEntryPermission> any) {
    return entry.type() == AclEntryType.ALLOW
        && !entry.flags().contains(AclEntryFlag.INHERIT_ONLY)
        && entry.permissions().stream().anyMatch(any::contains);
  }

  private static List<AclEntry> list(Path path) throws IOException {
    AclFileAttributeView view =
        Files.getFileAttributeView(path, AclFileAttributeView.class, LinkOption.NOFOLLOW_LINKS);
    if (view == null) {
      throw new IOException(path + " has no list of who may write there");
    }
    return view.getAcl();
  }
}
