import { sql } from 'drizzle-orm'
import {
  bigint,
  boolean,
  customType,
  date,
  doublePrecision,
  index,
  integer,
  numeric,
  pgTable,
  primaryKey,
  real,
  smallint,
  text,
  timestamp,
} from 'drizzle-orm/pg-core'
import { cascade, column, defineSync, table } from '../index.ts'

const bytea = customType<{ data: Buffer }>({ dataType: () => 'bytea' })
const bits = customType<{ data: string; config: { length: number } }>({
  dataType: (config) => `bit(${config?.length ?? 1})`,
})

/** Every kind of value that a legacy column may hold, one column each. */
export const specimens = pgTable('specimens', {
  id: numeric('id', { precision: 20, scale: 0 }).primaryKey(),
  tiny: smallint('tiny').notNull(),
  unsignedSmall: integer('unsigned_small').notNull(),
  unsignedInt: bigint('unsigned_int', { mode: 'number' }).notNull(),
  signedBig: bigint('signed_big', { mode: 'bigint' }).notNull(),
  price: numeric('price', { precision: 10, scale: 3 }).notNull(),
  ratio: real('ratio').notNull(),
  precise: doublePrecision('precise').notNull(),
  title: text('title').notNull(),
  western: text('western').notNull(),
  body: text('body'),
  withNul: bytea('with_nul'),
  kind: text('kind').notNull(),
  options: text('options').notNull(),
  mask: bits('mask', { length: 10 }).notNull(),
  banned: boolean('banned').notNull(),
  active: boolean('active').notNull(),
  birthday: text('birthday').notNull(),
  released: date('released', { mode: 'string' }),
  joined: timestamp('joined', { mode: 'string', precision: 0 }),
  published: text('published'),
  uploaded: timestamp('uploaded', { mode: 'string', precision: 6 }),
  touched: timestamp('touched', { mode: 'string', precision: 0, withTimezone: true }).notNull().default(sql`now()`),
  seen: timestamp('seen', { mode: 'string', precision: 3, withTimezone: true }),
  address: bytea('address').notNull(),
  picture: bytea('picture'),
  fixed: bytea('fixed').notNull(),
  duration: text('duration').notNull(),
  made: smallint('made').notNull(),
  settings: text('settings'),
  renamed: text('new_name').notNull(),
})

/** A parent whose counter a legacy trigger keeps, and children that InnoDB deletes with it. */
export const authors = pgTable('authors', {
  id: bigint('id', { mode: 'number' }).primaryKey(),
  name: text('name').notNull(),
  bookCount: bigint('book_count', { mode: 'number' }).notNull().default(0),
  visits: bigint('visits', { mode: 'number' }).notNull().default(0),
  touched: timestamp('touched', { mode: 'string', precision: 0, withTimezone: true }).notNull().default(sql`now()`),
})

export const books = pgTable(
  'books',
  {
    authorId: bigint('author_id', { mode: 'number' }).notNull(),
    number: integer('number').notNull(),
    title: text('title').notNull(),
    status: smallint('status').notNull().default(1),
  },
  (self) => [primaryKey({ columns: [self.authorId, self.number] }), index().on(self.status)],
)

/** Rows that MySQL numbers by itself. */
export const notes = pgTable('notes', {
  id: bigint('id', { mode: 'number' }).primaryKey(),
  body: text('body').notNull(),
})

/** A text key. */
export const settings = pgTable('settings', {
  key: text('key').primaryKey(),
  value: text('value'),
})

export const legacySchema: readonly string[] = [
  `create table specimens (
     id bigint unsigned not null primary key,
     tiny tinyint(1) not null default 0,
     unsigned_small smallint unsigned not null default 0,
     unsigned_int int unsigned not null default 0,
     signed_big bigint not null default 0,
     price decimal(10,3) not null default 0,
     ratio float not null default 0,
     precise double not null default 0,
     title varchar(80) character set utf8mb4 collate utf8mb4_general_ci not null default '',
     western varchar(255) character set latin1 not null default '',
     body mediumtext character set utf8mb4 null,
     with_nul text character set utf8mb4 null,
     kind enum('m','f','other') not null default 'other',
     options set('a','b','c') not null default '',
     mask bit(10) not null default b'0',
     banned bit(1) not null default b'0',
     active tinyint(1) not null default 1,
     birthday date not null default '0000-00-00',
     released date not null default '0000-00-00',
     joined datetime not null default '0000-00-00 00:00:00',
     published datetime null,
     uploaded datetime(6) not null default '0000-00-00 00:00:00.000000',
     touched timestamp not null default current_timestamp on update current_timestamp,
     seen timestamp(3) null default null,
     address varbinary(16) not null default '',
     picture blob null,
     fixed binary(4) not null default '',
     duration time not null default '00:00:00',
     made year not null default 0,
     settings longtext character set utf8mb4 collate utf8mb4_bin null check (json_valid(settings)),
     old_name varchar(40) not null default '',
     ignored varchar(10) null
   ) engine=InnoDB default charset=utf8mb4`,
  `create table authors (
     id int unsigned not null primary key,
     name varchar(40) not null,
     book_count int unsigned not null default 0,
     visits int unsigned not null default 0,
     touched timestamp not null default current_timestamp on update current_timestamp
   ) engine=InnoDB default charset=utf8mb4`,
  `create table books (
     author_id int unsigned not null,
     number int not null,
     title varchar(20) not null default '',
     status tinyint(1) not null default 1,
     primary key (author_id, number),
     constraint books_author foreign key (author_id) references authors (id) on delete cascade
   ) engine=InnoDB default charset=utf8mb4`,
  `create table notes (id int unsigned not null auto_increment primary key, body text not null) engine=InnoDB`,
  `create table settings (\`key\` varchar(60) character set ascii not null primary key, value text null) engine=InnoDB
     default charset=utf8mb4`,
  `create trigger books_ai after insert on books for each row
     update authors set book_count = book_count + 1 where id = new.author_id and new.status = 1`,
  `create trigger books_au after update on books for each row
     update authors set book_count = book_count + (new.status = 1) - (old.status = 1)
      where id = new.author_id and new.status <> old.status`,
  `create trigger books_ad after delete on books for each row
     update authors set book_count = book_count - 1 where id = old.author_id and old.status = 1`,
]

export const definition = defineSync({
  groups: {
    specimens: {
      tables: [
        table(specimens, {
          key: ['id'],
          columns: {
            id: column.integer(),
            tiny: column.integer(),
            unsignedSmall: column.integer(),
            unsignedInt: column.integer(),
            signedBig: column.integer(),
            price: column.decimal(),
            ratio: column.float(),
            precise: column.double(),
            title: column.text(),
            western: column.text(),
            body: column.text(),
            withNul: column.textAsBytes(),
            kind: column.enumeration(),
            options: column.set(),
            mask: column.bit(10),
            banned: column.boolean(),
            active: column.boolean(),
            birthday: column.dateAsText(),
            released: column.date({ zero: 'null' }),
            joined: column.dateTime({ zero: 'null' }),
            published: column.dateTimeAsText(),
            uploaded: column.dateTime({ zero: 'null' }),
            touched: column.timestamp(),
            seen: column.timestamp(),
            address: column.bytes(),
            picture: column.bytes(),
            fixed: column.bytes(),
            duration: column.timeAsText(),
            made: column.year(),
            settings: column.text(),
            renamed: column.text({ legacy: 'old_name' }),
          },
          unmapped: ['ignored'],
        }),
        table(settings, { key: ['key'], columns: { key: column.text(), value: column.text() } }),
      ],
    },
    library: {
      tables: [
        table(authors, {
          key: ['id'],
          columns: {
            id: column.integer(),
            name: column.text(),
            bookCount: column.integer({ counter: true }),
            visits: column.integer({ counter: true }),
            touched: column.timestamp(),
          },
          cascades: [cascade(books, { authorId: 'id' })],
        }),
        table(books, {
          key: ['authorId', 'number'],
          columns: {
            authorId: column.integer(),
            number: column.integer(),
            title: column.text(),
            status: column.integer(),
          },
        }),
        table(notes, { key: ['id'], columns: { id: column.integer(), body: column.text() } }),
      ],
    },
  },
})
