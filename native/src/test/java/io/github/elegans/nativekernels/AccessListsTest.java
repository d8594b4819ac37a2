package io.github.elegans.nativekernels;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Path;
import java.nio.file.attribute.AclEntry;
import java.nio.file.attribute.AclEntryFlag;
import java.nio.file.attribute.AclEntryPermission;
import java.nio.file.attribute.AclEntryType;
import java.nio.file.attribute.UserPrincipal;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Windows' lists of who may do what, as its own tool icacls shows them for usual folders. */
class AccessListsTest {
  private static final Path FOLDER = Path.of("Users", "ada", "AppData", "Local", "elegans");

  private record Principal(String name) implements UserPrincipal {
    @Override
    public String getName() {
      return name;
    }
  }

  private static final Principal ADA = new Principal("ADA");
  private static final Principal SYSTEM = new Principal("NT AUTHORITY\\SYSTEM");
  private static final Principal USERS = new Principal("BUILTIN\\Users");

  private final AccessLists lists = new AccessLists(Set.of(ADA, SYSTEM));

  private static AclEntry entry(
      AclEntryType type, UserPrincipal who, AclEntryPermission permission, AclEntryFlag... flags) {
    return AclEntry.newBuilder()
        .setType(type)
        .setPrincipal(who)
        .setPermissions(permission)
        .setFlags(flags)
        .build();
  }

  private static AclEntry allow(
      UserPrincipal who, AclEntryPermission permission, AclEntryFlag... flags) {
    return entry(AclEntryType.ALLOW, who, permission, flags);
  }

  @Test
  void whatOnlyTheUserAndTheSystemMayWriteIsTaken() {
    List<AclEntry> list =
        List.of(
            allow(SYSTEM, AclEntryPermission.WRITE_DATA),
            allow(ADA, AclEntryPermission.DELETE_CHILD),
            allow(USERS, AclEntryPermission.READ_DATA),
            // For what lies below, which has a list of its own.
            allow(USERS, AclEntryPermission.WRITE_DATA, AclEntryFlag.INHERIT_ONLY),
            entry(AclEntryType.DENY, USERS, AclEntryPermission.WRITE_DATA));
    assertThatCode(
            () -> {
              lists.check(FOLDER, ADA, list, AccessLists.WRITING);
              lists.check(FOLDER, SYSTEM, list, AccessLists.REPLACING);
            })
        .doesNotThrowAnyException();
  }

  /** As anybody may make folders in {@code C:\}, but not replace those of others. */
  @Test
  void othersMayMakeFoldersBesideButNotInTheCache() {
    List<AclEntry> list = List.of(allow(USERS, AclEntryPermission.ADD_SUBDIRECTORY));
    assertThatCode(() -> lists.check(FOLDER, SYSTEM, list, AccessLists.REPLACING))
        .doesNotThrowAnyException();
    assertRefused(ADA, list, AccessLists.WRITING, "others may write in " + FOLDER);
  }

  @Test
  void whatOthersMayReplaceOrOwnIsRefused() {
    for (AclEntryPermission permission : AccessLists.REPLACING) {
      assertRefused(
          ADA, List.of(allow(USERS, permission)), AccessLists.REPLACING, "BUILTIN\\Users");
    }
    assertRefused(USERS, List.of(), AccessLists.WRITING, FOLDER + " belongs to another user");
  }

  private void assertRefused(
      UserPrincipal owner, List<AclEntry> list, Set<AclEntryPermission> forbidden, String reason) {
    assertThatThrownBy(() -> lists.check(FOLDER, owner, list, forbidden))
        .isInstanceOf(IOException.class)
        .hasMessageContaining(reason);
  }
}
