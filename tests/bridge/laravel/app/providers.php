<?php

/** What joins the stand-in shop to Laravel: its events, the queue's own commands, and one that dispatches. */

namespace App\Providers {
    use App\Events\AlWaseetShipmentStatusChanged;
    use App\Events\OrderCreated;
    use App\Listeners\CreateAlWaseetShipmentListener;
    use App\Listeners\NotifyShipmentStatusChangedListener;
    use Illuminate\Contracts\Queue\Factory;
    use Illuminate\Queue\Console as Queue;
    use Illuminate\Support\ServiceProvider;

    class ShopServiceProvider extends ServiceProvider
    {
        public function boot()
        {
            $events = $this->app['events'];
            $events->listen(OrderCreated::class, CreateAlWaseetShipmentListener::class);
            $events->listen(AlWaseetShipmentStatusChanged::class, NotifyShipmentStatusChangedListener::class);
        }
    }

    class QueueCommandsServiceProvider extends ServiceProvider
    {
        public function register()
        {
            $this->app->singleton(Queue\WorkCommand::class, function ($app) {
                return new Queue\WorkCommand($app['queue.worker'], $app['cache.store']);
            });
            $this->commands([
                Queue\FlushFailedCommand::class,
                Queue\ListFailedCommand::class,
                Queue\RetryCommand::class,
                Queue\WorkCommand::class,
                \App\Console\Dispatch::class,
                \App\Console\Read::class,
            ]);
        }
    }
}

namespace App\Console {
    use App\Events\AlWaseetShipmentStatusChanged;
    use App\Events\OrderCreated;
    use App\Jobs;
    use App\Models\AlWaseetShipment;
    use App\Models\Order;
    use Carbon\Carbon;
    use Illuminate\Console\Command;

    /** What PHP makes of the newest row of `jobs`: everything it complains of, and what it would write itself. */
    class Read extends Command
    {
        protected $signature = 'shop:read';
        protected $description = 'unserialize the newest row of jobs and serialize it again';

        public function handle()
        {
            $complaints = [];
            $payload = json_decode(app('db')->table('jobs')->orderByDesc('id')->value('payload'), true);
            class_exists($payload['data']['commandName']); // what loading the framework says is no matter of the row's
            set_error_handler(function ($level, $message) use (&$complaints) {
                $complaints[] = $message;
                return true;
            });
            error_reporting(E_ALL);
            $command = unserialize($payload['data']['command']);
            $again = serialize($command);
            restore_error_handler();
            $this->line(json_encode(['complaints' => $complaints, 'again' => $again]));
        }
    }

    class Dispatch extends Command
    {
        protected $signature = 'shop:dispatch {what} {id?} {--times=1} {--queue=} {--delay=}';
        protected $description = 'put work into the queue as the shop does';

        public function handle()
        {
            // Each further time the next id.
            for ($time = 0; $time < (int) $this->option('times'); $time++) {
                $id = $this->argument('id');
                $this->once($this->argument('what'), $time ? $id + $time : $id);
            }
        }

        private function once($what, $id)
        {
            switch ($what) {
                case 'script': // a file that does what some shop may do
                    return require $id;
                case 'order-created':
                    return event(new OrderCreated(Order::withTrashed()->findOrFail($id)));
                case 'status-changed':
                    return event(new AlWaseetShipmentStatusChanged(AlWaseetShipment::findOrFail($id), '1', '4'));
            }
            $job = $this->job($what, $id);
            if ($this->option('queue')) {
                $job->onQueue($this->option('queue'));
            }
            if ($this->option('delay')) {
                $job->delay((int) $this->option('delay'));
            }
            dispatch($job);
        }

        private function job($what, $id)
        {
            switch ($what) {
                case 'create-shipment':
                    return new Jobs\CreateAlWaseetShipmentJob(Order::withTrashed()->findOrFail($id));
                case 'sync-orders':
                    return new Jobs\SyncAlWaseetOrdersJob($id, Carbon::parse('2026-08-01'), '2026-08-10');
                case 'process-queue':
                    return new Jobs\ProcessAlWaseetQueueJob('sync_orders', ['status_id' => 'قيد التوصيل', 'ids' => [1, 2]]);
                case 'update-shipments':
                    return new Jobs\UpdateAlWaseetShipmentsStatusJob();
                case 'sync-statuses':
                    return new Jobs\SyncAlWaseetOrderStatusesJob();
                case 'update-orders':
                    return new Jobs\UpdateOrdersFromMerchantOrdersJob();
                case 'update-status-counts':
                    return new Jobs\UpdateStatusCountsJob();
                case 'newsletter':
                    return new Jobs\SendNewsletterJob();
            }
            throw new \InvalidArgumentException($what);
        }
    }
}
