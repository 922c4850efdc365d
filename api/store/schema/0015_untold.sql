-- Throw-away wallets are told of to nobody: the triggers of 0011 without them.
DROP TRIGGER wallet_born;
DROP TRIGGER epoch_committed;
DROP TRIGGER device_locked;

CREATE TRIGGER wallet_born AFTER UPDATE OF state ON wallets
WHEN OLD.state = 1 AND NEW.state = 2 AND NEW.rehearsal = 0
BEGIN
    INSERT INTO events (kind, wallet, epoch) VALUES ('wallet.born', NEW.id, NEW.epoch);
END;

CREATE TRIGGER epoch_committed AFTER UPDATE OF epoch ON wallets
WHEN OLD.state = 2 AND NEW.epoch != OLD.epoch AND NEW.rehearsal = 0
BEGIN
    INSERT INTO events (kind, wallet, epoch) VALUES ('epoch.committed', NEW.id, NEW.epoch);
END;

CREATE TRIGGER device_locked AFTER UPDATE OF locked ON pairs
WHEN OLD.locked = 0 AND NEW.locked != 0 AND NOT EXISTS
    (SELECT 1 FROM pairs WHERE device = NEW.device AND locked != 0 AND own_generation != NEW.own_generation)
BEGIN
    INSERT INTO events (kind, wallet, device)
    SELECT 'device.locked', id, NEW.device FROM wallet_devices JOIN wallets ON id = wallet
    WHERE device = NEW.device AND state = 2 AND rehearsal = 0;
    INSERT INTO events (kind, device)
    SELECT 'device.locked', NEW.device WHERE NOT EXISTS
        (SELECT 1 FROM wallet_devices JOIN wallets ON id = wallet
         WHERE device = NEW.device AND state = 2 AND rehearsal = 0);
END;
