-- migrations/mvp.0/003_seed_data.sql
-- Purpose: Roles, permissions and lookup values that the application relies on.
-- References: specifications/domains/01-identity/, specifications/domains/03-channels/

-- Ids are fixed, so that they are the same in every database: the last twelve digits are <kind><number>,
-- kind 1 roles, 2 permissions, 3 channels, 4 service accounts; later migrations go on from there. Running the file again
-- restores the values; updated_at moves only where one was wrong.

INSERT INTO roles (id, code, name, description, rank) VALUES
    ('00000000-0000-4000-8000-000000001001', 'owner',      'Owner',      'Answers for the organization; may do everything.',                  1),
    ('00000000-0000-4000-8000-000000001002', 'admin',      'Admin',      'Everything except closing the organization.',                      10),
    ('00000000-0000-4000-8000-000000001003', 'manager',    'Manager',    'Runs properties, units and channels.',                             20),
    ('00000000-0000-4000-8000-000000001004', 'operations', 'Operations', 'Prepares units for guests: sees supply, changes no settings.',     30),
    ('00000000-0000-4000-8000-000000001005', 'finance',    'Finance',    'Sees everything that has to do with money, and the audit trail.',  30),
    ('00000000-0000-4000-8000-000000001006', 'viewer',     'Viewer',     'Sees supply and channels.',                                        90)
ON CONFLICT (id) DO UPDATE
    SET code = excluded.code,
        name = excluded.name,
        description = excluded.description,
        rank = excluded.rank;

INSERT INTO permissions (id, code, description) VALUES
    ('00000000-0000-4000-8000-000000002001', 'organization.read',  'See the settings of the organization.'),
    ('00000000-0000-4000-8000-000000002002', 'organization.write', 'Change the settings of the organization.'),
    ('00000000-0000-4000-8000-000000002003', 'organization.close', 'Close the organization.'),
    ('00000000-0000-4000-8000-000000002004', 'members.read',       'See who works for the organization.'),
    ('00000000-0000-4000-8000-000000002005', 'members.write',      'Invite members, change their roles, revoke them.'),
    ('00000000-0000-4000-8000-000000002006', 'supply.read',        'See properties and units.'),
    ('00000000-0000-4000-8000-000000002007', 'supply.write',       'Create, change and archive properties and units.'),
    ('00000000-0000-4000-8000-000000002008', 'channels.read',      'See connections and listings.'),
    ('00000000-0000-4000-8000-000000002009', 'channels.write',     'Connect and disconnect channels, map listings to units.'),
    ('00000000-0000-4000-8000-000000002010', 'sync.read',          'See sync runs and what they did.'),
    ('00000000-0000-4000-8000-000000002011', 'sync.run',           'Start and cancel sync runs.'),
    ('00000000-0000-4000-8000-000000002012', 'audit.read',         'See the audit trail.')
ON CONFLICT (id) DO UPDATE
    SET code = excluded.code,
        description = excluded.description;

-- The id is made from the two codes: the same in every database, without a hand-written list of pairs.
INSERT INTO role_permissions (id, role_id, permission_id)
SELECT md5('role_permissions/' || r.code || '/' || p.code)::uuid, r.id, p.id
FROM roles r
    JOIN permissions p ON CASE r.code
        WHEN 'owner'      THEN true
        WHEN 'admin'      THEN p.code <> 'organization.close'
        WHEN 'manager'    THEN p.code IN ('organization.read', 'members.read', 'supply.read', 'supply.write', 'channels.read', 'channels.write', 'sync.read', 'sync.run')
        WHEN 'operations' THEN p.code IN ('organization.read', 'supply.read', 'channels.read', 'sync.read')
        WHEN 'finance'    THEN p.code IN ('organization.read', 'members.read', 'supply.read', 'channels.read', 'audit.read')
        WHEN 'viewer'     THEN p.code IN ('organization.read', 'supply.read', 'channels.read')
        ELSE false
    END
ON CONFLICT (role_id, permission_id) DO NOTHING;

-- Capabilities grow with later migrations; running this file again must not take them back.
INSERT INTO channels (id, code, name, kind, capabilities) VALUES
    ('00000000-0000-4000-8000-000000003001', 'direct',   'Direct',   'direct', '{}'),
    ('00000000-0000-4000-8000-000000003002', 'hostaway', 'Hostaway', 'pms',    '{"pull": ["listings"], "push": [], "webhooks": false}')
ON CONFLICT (id) DO UPDATE
    SET code = excluded.code,
        name = excluded.name,
        kind = excluded.kind;

-- The workers of the platform, so that what they do has an actor.
INSERT INTO accounts (id, kind, display_name) VALUES
    ('00000000-0000-4000-8000-000000004001', 'service', 'Platform'),
    ('00000000-0000-4000-8000-000000004002', 'service', 'Channel sync')
ON CONFLICT (id) DO UPDATE
    SET kind = excluded.kind,
        display_name = excluded.display_name;
