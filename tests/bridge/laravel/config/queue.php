<?php

return [
    'default' => getenv('QUEUE_CONNECTION') ?: 'database',
    'connections' => [
        'sync' => ['driver' => 'sync'],
        'database' => [
            'driver' => 'database',
            'table' => 'jobs',
            'queue' => 'default',
            'retry_after' => 90,
            'after_commit' => false,
        ],
    ],
    'failed' => [
        'driver' => 'database-uuids',
        'database' => getenv('DB_CONNECTION'),
        'table' => 'failed_jobs',
    ],
];
