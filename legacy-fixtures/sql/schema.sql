-- ModVault, as it grew from 2006 to 2014. Nasty on purpose: every table carries a trap that real sites have.
-- {{trap}} comments name the trap, so that tests and mappings can be checked against this list.
SET NAMES utf8mb4;
SET time_zone = '+00:00';
SET sql_mode = '';

CREATE TABLE users (
  id            INT UNSIGNED NOT NULL AUTO_INCREMENT,
  username      VARCHAR(40) CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci NOT NULL, -- {{case-insensitive unique, trailing space}}
  email         VARCHAR(120) CHARACTER SET latin1 COLLATE latin1_swedish_ci NOT NULL,
  password      VARCHAR(80) CHARACTER SET latin1 COLLATE latin1_bin NOT NULL,          -- {{md5 hex, salted md5 and $2y$ side by side}}
  salt          VARCHAR(16) CHARACTER SET latin1 NOT NULL DEFAULT '',
  `rank`        TINYINT(1) NOT NULL DEFAULT 0,                                          -- {{tinyint(1) holding 0 member, 1 creator, 2 admin}}
  avatar        VARCHAR(120) NOT NULL DEFAULT '',
  signature     VARCHAR(255) CHARACTER SET latin1 NOT NULL DEFAULT '',                  -- {{latin1 text}}
  about         TEXT CHARACTER SET utf8mb4 NULL,
  country       CHAR(2) NOT NULL DEFAULT '',
  gender        ENUM('m','f','other') NOT NULL DEFAULT 'other',                         -- {{invalid enum stored as ''}}
  birthday      DATE NOT NULL DEFAULT '0000-00-00',                                     -- {{zero date, 2001-02-30 style dates}}
  joined        DATETIME NOT NULL DEFAULT '0000-00-00 00:00:00',                        -- {{DATETIME, site-local wall time}}
  last_login    DATETIME NOT NULL DEFAULT '0000-00-00 00:00:00',                        -- {{zero datetime: never logged in}}
  mod_count     INT UNSIGNED NOT NULL DEFAULT 0,                                        -- kept by PHP, not by a trigger
  options       SET('newsletter','adult','beta','hide_email') NOT NULL DEFAULT '',      -- {{set}}
  karma         DECIMAL(10,3) NOT NULL DEFAULT 0.000,                                   -- {{decimal}}
  api_key       CHAR(40) CHARACTER SET ascii COLLATE ascii_bin NULL,
  banned        BIT(1) NOT NULL DEFAULT b'0',                                           -- {{bit}}
  PRIMARY KEY (id),
  UNIQUE KEY username (username),
  UNIQUE KEY api_key (api_key),
  KEY email (email)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci;

CREATE TABLE games (
  id            SMALLINT UNSIGNED NOT NULL AUTO_INCREMENT,
  domain        VARCHAR(40) CHARACTER SET ascii NOT NULL,                               -- first URL segment: /skyrim/mods/12
  name          VARCHAR(80) NOT NULL,
  genre         VARCHAR(40) NOT NULL DEFAULT '',
  released      DATE NOT NULL DEFAULT '0000-00-00',
  mod_count     INT UNSIGNED NOT NULL DEFAULT 0,
  `order`       SMALLINT NOT NULL DEFAULT 0,                                            -- {{reserved word}}
  active        TINYINT(1) NOT NULL DEFAULT 1,
  PRIMARY KEY (id),
  UNIQUE KEY domain (domain)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci;

CREATE TABLE categories (
  id            INT UNSIGNED NOT NULL AUTO_INCREMENT,
  game_id       SMALLINT UNSIGNED NOT NULL,
  parent_id     INT UNSIGNED NOT NULL DEFAULT 0,                                        -- {{0 instead of NULL, soft reference}}
  name          VARCHAR(60) NOT NULL,
  PRIMARY KEY (id),
  KEY game (game_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci;

CREATE TABLE mods (
  id                INT UNSIGNED NOT NULL AUTO_INCREMENT,
  game_id           SMALLINT UNSIGNED NOT NULL,
  category_id       INT UNSIGNED NOT NULL DEFAULT 0,
  user_id           INT UNSIGNED NOT NULL,
  name              VARCHAR(120) COLLATE utf8mb4_general_ci NOT NULL,
  summary           VARCHAR(350) COLLATE utf8mb4_general_ci NOT NULL DEFAULT '',        -- {{double-encoded UTF-8 in some rows, right in others}}
  description       MEDIUMTEXT COLLATE utf8mb4_general_ci NOT NULL,                     -- BBCode
  version           VARCHAR(20) NOT NULL DEFAULT '1.0',
  status            ENUM('draft','published','hidden','removed') NOT NULL DEFAULT 'draft',
  adult             TINYINT(1) NOT NULL DEFAULT 0,                                      -- {{tinyint(1) holding 2: "not reviewed"}}
  endorsement_count INT UNSIGNED NOT NULL DEFAULT 0,                                    -- {{counter kept by a trigger on endorsements}}
  download_count    INT UNSIGNED NOT NULL DEFAULT 0,                                    -- {{counter kept by PHP}}
  unique_downloads  INT UNSIGNED NOT NULL DEFAULT 0,
  comment_count     INT NOT NULL DEFAULT 0,                                             -- {{counter kept by PHP, may go wrong}}
  size_bytes        BIGINT UNSIGNED NOT NULL DEFAULT 0,                                 -- {{unsigned 64 bit, some rows above 2^63}}
  rating            DECIMAL(4,2) NOT NULL DEFAULT 0.00,
  permissions       SET('modify','redistribute','console','assets') NOT NULL DEFAULT '',
  created           DATETIME NOT NULL DEFAULT '0000-00-00 00:00:00',                    -- {{zero datetime in imported rows}}
  published         DATETIME NULL,                                                      -- {{NULL and zero date both occur and differ}}
  updated           TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP, -- {{set by MySQL alone}}
  PRIMARY KEY (id),
  KEY game_status (game_id, status, published),
  KEY user (user_id),
  KEY downloads (game_id, download_count),
  KEY updated (updated),
  FULLTEXT KEY search (name, summary)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci;

CREATE TABLE mod_files (
  id            INT UNSIGNED NOT NULL AUTO_INCREMENT,
  mod_id        INT UNSIGNED NOT NULL,
  name          VARCHAR(120) NOT NULL,
  filename      VARCHAR(160) CHARACTER SET latin1 NOT NULL,                             -- shown name of the archive
  path          VARCHAR(200) CHARACTER SET ascii NOT NULL DEFAULT '',                   -- below storage/files/
  version       VARCHAR(20) NOT NULL DEFAULT '',
  category      ENUM('main','update','optional','old','misc') NOT NULL DEFAULT 'main',  -- {{'' occurs}}
  size_bytes    BIGINT UNSIGNED NOT NULL DEFAULT 0,
  md5           CHAR(32) CHARACTER SET ascii NOT NULL DEFAULT '',
  changelog     TEXT NULL,                                                              -- {{text with NUL bytes}}
  downloads     INT UNSIGNED NOT NULL DEFAULT 0,                                        -- {{counter kept by PHP}}
  `primary`     BIT(1) NOT NULL DEFAULT b'0',                                           -- {{reserved word, bit}}
  uploaded      DATETIME(6) NOT NULL DEFAULT '0000-00-00 00:00:00.000000',              -- {{microseconds}}
  PRIMARY KEY (id),
  KEY mod_id (mod_id),
  CONSTRAINT mod_files_mod FOREIGN KEY (mod_id) REFERENCES mods (id) ON DELETE CASCADE  -- {{FK cascade: not in the binlog}}
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci;

CREATE TABLE mod_images (
  id            INT UNSIGNED NOT NULL AUTO_INCREMENT,
  mod_id        INT UNSIGNED NOT NULL,
  path          VARCHAR(200) CHARACTER SET ascii NOT NULL,                              -- below storage/images/
  caption       VARCHAR(160) CHARACTER SET latin1 NOT NULL DEFAULT '',                  -- {{latin1, Windows-1252 quotes}}
  `position`    SMALLINT NOT NULL DEFAULT 0,
  PRIMARY KEY (id),
  KEY mod_id (mod_id, `position`),
  CONSTRAINT mod_images_mod FOREIGN KEY (mod_id) REFERENCES mods (id) ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci;

CREATE TABLE mod_requirements (
  mod_id        INT UNSIGNED NOT NULL,
  requires_id   INT UNSIGNED NOT NULL,                                                  -- {{soft reference, may dangle}}
  min_version   VARCHAR(20) NOT NULL DEFAULT '',
  notes         VARCHAR(160) NOT NULL DEFAULT '',
  PRIMARY KEY (mod_id, requires_id),                                                    -- {{composite key}}
  KEY requires_id (requires_id),                                                        -- "mods requiring this"
  CONSTRAINT mod_requirements_mod FOREIGN KEY (mod_id) REFERENCES mods (id) ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci;

CREATE TABLE endorsements (
  mod_id        INT UNSIGNED NOT NULL,
  user_id       INT UNSIGNED NOT NULL,
  status        TINYINT(1) NOT NULL DEFAULT 1,                                          -- {{1 endorsed, 2 abstained}}
  created       TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP,                           -- {{TIMESTAMP beside DATETIME}}
  PRIMARY KEY (mod_id, user_id),
  KEY user (user_id),
  CONSTRAINT endorsements_mod FOREIGN KEY (mod_id) REFERENCES mods (id) ON DELETE CASCADE,
  CONSTRAINT endorsements_user FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci;

CREATE TABLE comments (
  id            INT UNSIGNED NOT NULL AUTO_INCREMENT,
  mod_id        INT UNSIGNED NOT NULL,
  user_id       INT UNSIGNED NOT NULL,
  parent_id     INT UNSIGNED NULL,
  body          TEXT COLLATE utf8mb4_general_ci NOT NULL,                               -- {{mojibake from the old import}}
  ip            INT UNSIGNED NOT NULL DEFAULT 0,                                        -- ip2long()
  created       DATETIME NOT NULL,
  edited        DATETIME NOT NULL DEFAULT '0000-00-00 00:00:00',                        -- {{zero date = never edited}}
  deleted       TINYINT(1) NOT NULL DEFAULT 0,
  PRIMARY KEY (id),
  KEY mod_created (mod_id, created),
  KEY user (user_id),
  CONSTRAINT comments_mod FOREIGN KEY (mod_id) REFERENCES mods (id) ON DELETE CASCADE,
  CONSTRAINT comments_user FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci;

CREATE TABLE tracked_mods (
  user_id       INT UNSIGNED NOT NULL,
  mod_id        INT UNSIGNED NOT NULL,
  since         TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP,
  PRIMARY KEY (user_id, mod_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci;

CREATE TABLE downloads (                                                                -- {{table without primary key}}
  file_id       INT UNSIGNED NOT NULL,
  user_id       INT UNSIGNED NULL,
  ip            VARBINARY(16) NOT NULL,                                                 -- inet_pton() bytes
  `when`        DATETIME NOT NULL,                                                      -- {{reserved-looking name}}
  KEY file (file_id),
  KEY user (user_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci;

CREATE TABLE remember_tokens (
  selector      CHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,                -- {{string key}}
  validator     CHAR(64) CHARACTER SET ascii NOT NULL,                                  -- sha256 hex
  user_id       INT UNSIGNED NOT NULL,
  expires       DATETIME NOT NULL,
  PRIMARY KEY (selector),
  CONSTRAINT remember_user FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci;

CREATE TABLE tags (
  id            INT UNSIGNED NOT NULL AUTO_INCREMENT,
  name          VARCHAR(40) COLLATE utf8mb4_general_ci NOT NULL,
  PRIMARY KEY (id),
  UNIQUE KEY name (name)                                                                -- {{case- and accent-insensitive unique}}
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci;

CREATE TABLE mod_tags (
  mod_id        INT UNSIGNED NOT NULL,
  tag_id        INT UNSIGNED NOT NULL,
  PRIMARY KEY (mod_id, tag_id),
  CONSTRAINT mod_tags_mod FOREIGN KEY (mod_id) REFERENCES mods (id) ON DELETE CASCADE,
  CONSTRAINT mod_tags_tag FOREIGN KEY (tag_id) REFERENCES tags (id) ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci;

CREATE TABLE news (
  id            INT UNSIGNED NOT NULL AUTO_INCREMENT,
  title         VARCHAR(160) CHARACTER SET latin1 NOT NULL,
  body          TEXT CHARACTER SET latin1 NOT NULL,                                     -- {{latin1 column, Windows-1252 bytes}}
  author_id     INT UNSIGNED NOT NULL,
  `date`        DATE NOT NULL,
  PRIMARY KEY (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci;

CREATE TABLE messages (
  id            BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,                                -- {{ids above 2^53}}
  from_id       INT UNSIGNED NOT NULL,
  to_id         INT UNSIGNED NOT NULL,
  `subject`     VARCHAR(120) NOT NULL DEFAULT '',
  body          TEXT NOT NULL,
  sent          DATETIME NOT NULL,
  `read`        BIT(1) NOT NULL DEFAULT b'0',                                           -- {{reserved word}}
  PRIMARY KEY (id),
  KEY inbox (to_id, sent)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci;

CREATE TABLE settings (
  `key`         VARCHAR(60) CHARACTER SET ascii NOT NULL,                               -- {{reserved word as primary key}}
  `value`       TEXT NULL,                                                              -- {{PHP serialize() blobs}}
  PRIMARY KEY (`key`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci;

CREATE TABLE api_usage (
  user_id       INT UNSIGNED NOT NULL,
  `hour`        DATETIME NOT NULL,                                                      -- start of the hour
  requests      INT UNSIGNED NOT NULL DEFAULT 0,
  PRIMARY KEY (user_id, `hour`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci;

CREATE TABLE activity_log (
  id            BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,
  user_id       INT UNSIGNED NULL,
  `action`      VARCHAR(40) NOT NULL,
  detail        BLOB NULL,                                                              -- {{binary, NUL}}
  at            TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
  PRIMARY KEY (id),
  KEY user (user_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci;

CREATE TABLE daily_stats (
  `day`         DATE NOT NULL,
  game_id       SMALLINT UNSIGNED NOT NULL,
  downloads     INT UNSIGNED NOT NULL DEFAULT 0,
  uniques       INT UNSIGNED NOT NULL DEFAULT 0,
  ratio         FLOAT NOT NULL DEFAULT 0,                                               -- {{float}}
  PRIMARY KEY (`day`, game_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci;

CREATE TABLE import_queue (
  id            INT NOT NULL AUTO_INCREMENT,
  source        VARCHAR(80) NOT NULL,
  payload       LONGTEXT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NULL CHECK (JSON_VALID(payload)), -- {{MariaDB JSON}}
  state         ENUM('new','done','failed') NOT NULL DEFAULT 'new',
  created       TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP,
  PRIMARY KEY (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci;

-- {{triggers keep a counter: what they write is in the binlog of whoever wrote the endorsement}}
-- A mod's count is of rows with status 1.
CREATE TRIGGER endorsements_ai AFTER INSERT ON endorsements FOR EACH ROW
  UPDATE mods SET endorsement_count = endorsement_count + 1 WHERE id = NEW.mod_id AND NEW.status = 1;
CREATE TRIGGER endorsements_au AFTER UPDATE ON endorsements FOR EACH ROW
  UPDATE mods SET endorsement_count = endorsement_count + (NEW.status = 1) - (OLD.status = 1)
   WHERE id = NEW.mod_id AND NEW.status <> OLD.status;
CREATE TRIGGER endorsements_ad AFTER DELETE ON endorsements FOR EACH ROW
  UPDATE mods SET endorsement_count = endorsement_count - 1 WHERE id = OLD.mod_id AND OLD.status = 1;
